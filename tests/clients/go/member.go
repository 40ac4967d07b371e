// Members of consumer groups (../README.md has their options, commands and lines): one to a
// process, or many.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func init() {
	verbs["member"] = oneMember
	verbs["members"] = manyMembers
}

var balancers = map[string]func() kgo.GroupBalancer{
	"range":              kgo.RangeBalancer,
	"roundrobin":         kgo.RoundRobinBalancer,
	"sticky":             kgo.StickyBalancer,
	"cooperative-sticky": kgo.CooperativeStickyBalancer,
}

// With the consumer protocol the client names the broker's assignors by its own.
var serverBalancers = map[string]func() kgo.GroupBalancer{
	"":        kgo.StickyBalancer,
	"uniform": kgo.StickyBalancer,
	"range":   kgo.RangeBalancer,
}

// member is one consumer. What the client's callbacks and the loop both touch is under lock.
type member struct {
	name     string // "" for the only one
	client   *kgo.Client
	commands chan string
	commits  string
	lock     sync.Mutex
	owned    map[string]bool
}

// monotonic is CLOCK_MONOTONIC in ms.
func monotonic() float64 {
	const clockMonotonic = 1
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now.Sec)*1e3 + float64(now.Nsec)/1e6
}

func (m *member) print(line map[string]any) {
	line["time"] = monotonic()
	if m.name != "" {
		line["member"] = m.name
	}
	print(line)
}

func (m *member) printError(err error) {
	m.print(map[string]any{"event": "error", "error": err.Error()})
}

func milliseconds(options map[string]string, name string, otherwise int) time.Duration {
	found, err := strconv.Atoi(options[name])
	if err != nil {
		found = otherwise
	}
	return time.Duration(found) * time.Millisecond
}

func groupBalancers(options map[string]string) ([]kgo.Opt, error) {
	known, names := balancers, options["assignor"]
	var settings []kgo.Opt
	switch options["protocol"] {
	case "", "classic":
		if names == "" {
			names = "range"
		}
	case "consumer":
		known = serverBalancers
		settings = append(settings, kgo.ServerSideBalancer())
	default:
		return nil, fmt.Errorf("no protocol %s", options["protocol"])
	}
	var chosen []kgo.GroupBalancer
	for _, name := range strings.Split(names, ",") {
		balancer, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("no assignor %s", name)
		}
		chosen = append(chosen, balancer())
	}
	return append(settings, kgo.Balancers(chosen...)), nil
}

func (m *member) settings(words []string, options map[string]string) ([]kgo.Opt, error) {
	for name := range options {
		switch name {
		case "protocol", "assignor", "instance", "session", "rebalance", "pattern", "commit",
			"reset", "id", "calm":
		default:
			return nil, fmt.Errorf("no option %s", name)
		}
	}
	settings, err := groupBalancers(options)
	if err != nil {
		return nil, err
	}
	session := milliseconds(options, "session", 6000)
	id := options["id"]
	if id == "" {
		id = "member"
	}
	wait, refresh := 100*time.Millisecond, 2*time.Second
	if options["calm"] == "true" {
		wait, refresh = time.Second, 5*time.Minute
	}
	settings = append(settings,
		kgo.SeedBrokers(words[0]),
		kgo.ConsumerGroup(words[1]),
		kgo.ClientID(id),
		kgo.SessionTimeout(session),
		kgo.HeartbeatInterval(session/6),
		kgo.RebalanceTimeout(milliseconds(options, "rebalance", 10000)),
		kgo.FetchMaxWait(wait),
		kgo.MetadataMaxAge(refresh),
		kgo.MetadataMinAge(250*time.Millisecond),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(m.assigned),
		kgo.OnPartitionsRevoked(m.revoked),
		kgo.OnPartitionsLost(m.lost))
	if options["pattern"] != "" {
		settings = append(settings, kgo.ConsumeRegex(), kgo.ConsumeTopics(options["pattern"]))
	} else {
		settings = append(settings, kgo.ConsumeTopics(strings.Split(words[2], ",")...))
	}
	if options["instance"] != "" {
		settings = append(settings, kgo.InstanceID(options["instance"]))
	}
	from := kgo.NewOffset().AtStart()
	if options["reset"] == "latest" {
		from = kgo.NewOffset().AtEnd()
	}
	settings = append(settings, kgo.ConsumeResetOffset(from))
	m.commits = options["commit"]
	if m.commits == "auto" {
		return append(settings, kgo.AutoCommitInterval(200*time.Millisecond),
			kgo.AutoCommitCallback(m.autoCommitted)), nil
	}
	return append(settings, kgo.DisableAutoCommit()), nil
}

// newMember takes the words BOOTSTRAP GROUP TOPICS.
func newMember(name string, words []string, options map[string]string) (*member, error) {
	if len(words) != 3 {
		return nil, errors.New("a member wants three words")
	}
	m := &member{name: name, commands: make(chan string, 16), owned: map[string]bool{}}
	settings, err := m.settings(words, options)
	if err != nil {
		return nil, err
	}
	m.client, err = kgo.NewClient(settings...)
	return m, err
}

// ---- What the client tells it ----

func (m *member) assigned(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
	_, generation := client.GroupMetadata()
	m.changed("assigned", partitions, generation)
}

func (m *member) revoked(ctx context.Context, client *kgo.Client, partitions map[string][]int32) {
	if m.commits == "auto" {
		if err := client.CommitUncommittedOffsets(ctx); err != nil {
			m.printError(err)
		}
	}
	if len(partitions) > 0 { // the client calls this at the end of every generation
		m.changed("revoked", partitions, 0)
	}
}

func (m *member) lost(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	m.changed("lost", partitions, 0)
}

func (m *member) changed(event string, partitions map[string][]int32, generation int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	names := []string{}
	for topic, numbers := range partitions {
		for _, number := range numbers {
			name := fmt.Sprintf("%s-%d", topic, number)
			names = append(names, name)
			if event == "assigned" {
				m.owned[name] = true
			} else {
				delete(m.owned, name)
			}
		}
	}
	owned := []string{}
	for name := range m.owned {
		owned = append(owned, name)
	}
	sort.Strings(names)
	sort.Strings(owned)
	line := map[string]any{"event": event, "partitions": names, "owned": owned}
	if event == "assigned" {
		line["generation"] = generation
	}
	m.print(line)
}

func (m *member) autoCommitted(_ *kgo.Client, request *kmsg.OffsetCommitRequest,
	response *kmsg.OffsetCommitResponse, err error) {
	offsets := map[string]int64{}
	for _, topic := range request.Topics {
		for _, partition := range topic.Partitions {
			offsets[fmt.Sprintf("%s-%d", topic.Topic, partition.Partition)] = partition.Offset
		}
	}
	if len(offsets) > 0 {
		m.committed(request, response, err, offsets)
	}
}

func (m *member) committed(request *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse,
	err error, offsets map[string]int64) {
	if err == nil && response != nil {
		for _, topic := range response.Topics {
			for _, partition := range topic.Partitions {
				if err == nil {
					err = kerr.ErrorForCode(partition.ErrorCode)
				}
			}
		}
	}
	if err != nil {
		m.printError(err)
		return
	}
	line := map[string]any{"event": "committed", "offsets": offsets}
	if request != nil {
		line["generation"] = request.Generation
	}
	m.print(line)
}

// ---- The loop ----

func (m *member) commit() {
	wanted := m.client.UncommittedOffsets()
	offsets := map[string]int64{}
	for topic, partitions := range wanted {
		for partition, offset := range partitions {
			offsets[fmt.Sprintf("%s-%d", topic, partition)] = offset.Offset
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m.client.CommitOffsetsSync(ctx, wanted, func(_ *kgo.Client, request *kmsg.OffsetCommitRequest,
		response *kmsg.OffsetCommitResponse, err error) {
		m.committed(request, response, err, offsets)
	})
}

func (m *member) poll() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	fetches := m.client.PollFetches(ctx)
	defer m.client.AllowRebalance()
	fetches.EachError(func(_ string, _ int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) {
			m.printError(err)
		}
	})
	read := false
	fetches.EachRecord(func(record *kgo.Record) {
		read = true
		m.print(map[string]any{"event": "record", "offset": record.Offset,
			"partition": fmt.Sprintf("%s-%d", record.Topic, record.Partition),
			"value":     string(record.Value)})
	})
	if read && (m.commits == "" || m.commits == "each") {
		m.commit()
	}
}

func (m *member) run() {
	for {
		select {
		case command := <-m.commands:
			if command == "leave" {
				m.client.CloseAllowingRebalance()
				return
			}
			m.commit()
		default:
			m.poll()
		}
	}
}

func oneMember(words []string, options map[string]string) error {
	m, err := newMember("", words, options)
	if err != nil {
		return err
	}
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			m.commands <- lines.Text()
		}
		m.commands <- "leave"
	}()
	m.run()
	return nil
}

// manyMembers takes the word BOOTSTRAP, and lines of standard input, their words separated by
// tabs: start NAME GROUP TOPICS [name=value...], and the commands of a member with its name behind.
func manyMembers(words []string, _ map[string]string) error {
	members := map[string]*member{}
	var running sync.WaitGroup
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command := strings.Split(lines.Text(), "\t")
		if command[0] != "start" {
			members[command[1]].commands <- command[0]
			continue
		}
		name := command[1]
		rest, options := split(command[2:])
		m, err := newMember(name, append(append([]string{}, words...), rest...), options)
		if err != nil {
			print(map[string]any{"member": name, "end": false, "error": err.Error()})
			continue
		}
		members[name] = m
		running.Add(1)
		go func() {
			defer running.Done()
			m.run()
			m.print(map[string]any{"end": true})
		}()
	}
	for _, m := range members {
		select {
		case m.commands <- "leave":
		default: // it has left
		}
	}
	running.Wait()
	return nil
}
