// A crowd: many groups of a few members each, all in this process, for figures. Every connection
// carries one member of each of a handful of groups, because a JoinGroup that waits for the others
// holds up its connection. The crowd stays between commands.
package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	groupsPerConnection = 5
	lanesAtOnce         = 40
	sessionMillis       = 300000
	offsetBase          = 1000 // what is committed for partition p is offsetBase + p
)

type crowdMember struct {
	group      *crowdGroup
	connection *connection
	id         string
	generation int32 // or epoch
	owned      []int32
}

type crowdGroup struct {
	name    string
	members []*crowdMember
	lock    sync.Mutex // of the members' generation and owned while they join
}

type crowd struct {
	groups     []*crowdGroup
	lanes      [][]*crowdGroup // groups on the same connections
	topic      string
	topicID    [16]byte
	partitions int32
	consumer   bool // of the new protocol
}

var theCrowd *crowd

func init() {
	verbs["crowd-join"] = crowdJoin
	verbs["crowd-commit"] = crowdCommit
	verbs["crowd-beat"] = crowdBeat
	verbs["crowd-ready"] = crowdReady
	verbs["crowd-verify"] = crowdVerify
}

// ---- Joining ----

// crowdJoin makes the groups and waits until each is stable.
// Words: BOOTSTRAP GROUPS MEMBERS TOPIC PARTITIONS; option protocol.
func crowdJoin(words []string, options map[string]string) error {
	if len(words) != 5 {
		return errors.New("crowd-join wants five words")
	}
	counts, err := numbers([]string{words[1], words[2], words[4]})
	if err != nil {
		return err
	}
	c := &crowd{topic: words[3], partitions: int32(counts[2]),
		consumer: options["protocol"] == "consumer"}
	if err := c.findTopic(words[0]); err != nil {
		return err
	}
	for first := 0; first < counts[0]; first += groupsPerConnection {
		var lane []*crowdGroup
		connections := make([]*connection, counts[1])
		for i := range connections {
			connections[i] = &connection{bootstrap: words[0]}
		}
		for number := first; number < min(first+groupsPerConnection, counts[0]); number++ {
			group := &crowdGroup{name: fmt.Sprintf("crowd-%d", number)}
			for _, connection := range connections {
				group.members = append(group.members,
					&crowdMember{group: group, connection: connection})
			}
			lane = append(lane, group)
		}
		c.lanes = append(c.lanes, lane)
		c.groups = append(c.groups, lane...)
	}
	theCrowd = c
	began := time.Now()
	if err := c.eachLane(c.joinGroup); err != nil {
		return err
	}
	print(map[string]any{"seconds": time.Since(began).Seconds()})
	return nil
}

func (c *crowd) findTopic(bootstrap string) error {
	asking := &connection{bootstrap: bootstrap}
	defer asking.close()
	request := kmsg.NewPtrMetadataRequest()
	request.Version = 10
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &c.topic
	request.Topics = append(request.Topics, topic)
	response, err := asking.call(request)
	if err != nil {
		return err
	}
	found := response.(*kmsg.MetadataResponse).Topics[0]
	c.topicID = found.TopicID
	if err := kerr.ErrorForCode(found.ErrorCode); err != nil {
		return err
	}
	return findCoordinator(asking)
}

// findCoordinator asks until there is one: Kafka makes the topic of groups for whoever asks first.
func findCoordinator(asking *connection) error {
	request := kmsg.NewPtrFindCoordinatorRequest()
	request.Version = 3
	request.CoordinatorKey = "crowd-0"
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		answer, err := asking.call(request)
		if err != nil {
			return err
		}
		err = kerr.ErrorForCode(answer.(*kmsg.FindCoordinatorResponse).ErrorCode)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// eachLane does something to all groups: one after the other of a lane, many lanes at once.
func (c *crowd) eachLane(do func(*crowdGroup) error) error {
	var waiting sync.WaitGroup
	var failed atomic.Value
	free := make(chan bool, lanesAtOnce)
	for _, lane := range c.lanes {
		waiting.Add(1)
		free <- true
		go func() {
			defer func() { <-free; waiting.Done() }()
			for _, group := range lane {
				if err := do(group); err != nil {
					failed.Store(fmt.Errorf("%s: %w", group.name, err))
					return
				}
			}
		}()
	}
	waiting.Wait()
	err, _ := failed.Load().(error)
	return err
}

func (c *crowd) joinGroup(group *crowdGroup) error {
	if c.consumer {
		return c.joinConsumerGroup(group)
	}
	var waiting sync.WaitGroup
	errs := make([]error, len(group.members))
	for i, member := range group.members {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			errs[i] = c.joinClassic(member)
		}()
	}
	waiting.Wait()
	return errors.Join(errs...)
}

// joinClassic ends when all members of the group are of one generation.
func (c *crowd) joinClassic(member *crowdMember) error {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		err := c.joinOnce(member)
		for err == nil && !member.group.isOfOneGeneration() {
			time.Sleep(20 * time.Millisecond)
			err = c.beat(member)
		}
		if err == nil {
			return nil
		}
		switch {
		case errors.Is(err, kerr.UnknownMemberID):
			member.id = ""
		case errors.Is(err, kerr.MemberIDRequired), errors.Is(err, kerr.RebalanceInProgress),
			errors.Is(err, kerr.IllegalGeneration):
		case isPassing(err):
			time.Sleep(20 * time.Millisecond)
		default:
			return err
		}
	}
	return errors.New("the group does not settle")
}

func (g *crowdGroup) isOfOneGeneration() bool {
	g.lock.Lock()
	defer g.lock.Unlock()
	for _, member := range g.members {
		if member.generation == 0 || member.generation != g.members[0].generation {
			return false
		}
	}
	return true
}

func isPassing(err error) bool {
	return errors.Is(err, kerr.CoordinatorLoadInProgress) ||
		errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.NotCoordinator)
}

func (c *crowd) joinOnce(member *crowdMember) error {
	request := kmsg.NewPtrJoinGroupRequest()
	request.Version = 5
	request.Group, request.MemberID = member.group.name, member.id
	request.SessionTimeoutMillis, request.RebalanceTimeoutMillis = sessionMillis, 60000
	request.ProtocolType = "consumer"
	metadata := kmsg.NewConsumerMemberMetadata()
	metadata.Topics = []string{c.topic}
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = "range", metadata.AppendTo(nil)
	request.Protocols = append(request.Protocols, protocol)
	answer, err := member.connection.call(request)
	if err != nil {
		return err
	}
	joined := answer.(*kmsg.JoinGroupResponse)
	if joined.MemberID != "" {
		member.id = joined.MemberID
	}
	if err := kerr.ErrorForCode(joined.ErrorCode); err != nil {
		return err
	}
	return c.sync(member, joined)
}

func (c *crowd) sync(member *crowdMember, joined *kmsg.JoinGroupResponse) error {
	request := kmsg.NewPtrSyncGroupRequest()
	request.Version = 3
	request.Group, request.MemberID = member.group.name, member.id
	request.Generation = joined.Generation
	for i, other := range joined.Members { // the leader is given them, nobody else
		var share []int32
		for p := int32(i); p < c.partitions; p += int32(len(joined.Members)) {
			share = append(share, p)
		}
		one := kmsg.NewSyncGroupRequestGroupAssignment()
		one.MemberID, one.MemberAssignment = other.MemberID, c.encode(share)
		request.GroupAssignment = append(request.GroupAssignment, one)
	}
	answer, err := member.connection.call(request)
	if err != nil {
		return err
	}
	synced := answer.(*kmsg.SyncGroupResponse)
	if err := kerr.ErrorForCode(synced.ErrorCode); err != nil {
		return err
	}
	assignment := kmsg.NewConsumerMemberAssignment()
	if err := assignment.ReadFrom(synced.MemberAssignment); err != nil {
		return err
	}
	member.group.lock.Lock()
	defer member.group.lock.Unlock()
	member.generation, member.owned = joined.Generation, nil
	for _, topic := range assignment.Topics {
		member.owned = append(member.owned, topic.Partitions...)
	}
	return nil
}

func (c *crowd) encode(partitions []int32) []byte {
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic, topic.Partitions = c.topic, partitions
	assignment := kmsg.NewConsumerMemberAssignment()
	assignment.Topics = append(assignment.Topics, topic)
	return assignment.AppendTo(nil)
}

// joinConsumerGroup ends when all members have the same epoch and all partitions among them.
func (c *crowd) joinConsumerGroup(group *crowdGroup) error {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		owned := 0
		for _, member := range group.members {
			err := c.reconcile(member)
			if err != nil && !isPassing(err) {
				return err
			}
			owned += len(member.owned)
		}
		if owned == int(c.partitions) && group.isOfOneGeneration() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("the group does not settle")
}

// reconcile joins, or says what the member has and takes what it is given.
func (c *crowd) reconcile(member *crowdMember) error {
	request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	request.Version = 1
	request.Group = member.group.name
	if member.id == "" {
		var random [16]byte
		rand.Read(random[:])
		member.id = base64.RawURLEncoding.EncodeToString(random[:])
	}
	request.MemberID, request.MemberEpoch = member.id, member.generation
	request.RebalanceTimeoutMillis = 60000
	request.SubscribedTopicNames = []string{c.topic}
	request.Topics = []kmsg.ConsumerGroupHeartbeatRequestTopic{}
	if len(member.owned) > 0 {
		topic := kmsg.NewConsumerGroupHeartbeatRequestTopic()
		topic.TopicID, topic.Partitions = c.topicID, member.owned
		request.Topics = append(request.Topics, topic)
	}
	answer, err := member.connection.call(request)
	if err != nil {
		return err
	}
	response := answer.(*kmsg.ConsumerGroupHeartbeatResponse)
	if err := kerr.ErrorForCode(response.ErrorCode); err != nil {
		return err
	}
	member.generation = response.MemberEpoch
	if response.Assignment != nil {
		member.owned = nil
		for _, topic := range response.Assignment.Topics {
			member.owned = append(member.owned, topic.Partitions...)
		}
	}
	return nil
}

// ---- What a member does all day ----

func (c *crowd) beat(member *crowdMember) error {
	if c.consumer {
		request := kmsg.NewPtrConsumerGroupHeartbeatRequest()
		request.Version = 1
		request.Group, request.MemberID = member.group.name, member.id
		request.MemberEpoch, request.RebalanceTimeoutMillis = member.generation, -1
		answer, err := member.connection.call(request)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(answer.(*kmsg.ConsumerGroupHeartbeatResponse).ErrorCode)
	}
	request := kmsg.NewPtrHeartbeatRequest()
	request.Version = 3
	request.Group, request.MemberID = member.group.name, member.id
	request.Generation = member.generation
	answer, err := member.connection.call(request)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(answer.(*kmsg.HeartbeatResponse).ErrorCode)
}

// crowdCommit lets every member commit for all that it owns.
func crowdCommit(_ []string, _ map[string]string) error {
	c := theCrowd
	var offsets atomic.Int64
	began := time.Now()
	err := c.eachLane(func(group *crowdGroup) error {
		for _, member := range group.members {
			if err := c.commit(member); err != nil {
				return err
			}
			offsets.Add(int64(len(member.owned)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	print(map[string]any{"offsets": offsets.Load(), "seconds": time.Since(began).Seconds()})
	return nil
}

func (c *crowd) commit(member *crowdMember) error {
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Version = 9
	request.Group, request.MemberID = member.group.name, member.id
	request.Generation = member.generation
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic = c.topic
	for _, number := range member.owned {
		partition := kmsg.NewOffsetCommitRequestTopicPartition()
		partition.Partition, partition.Offset = number, offsetBase+int64(number)
		topic.Partitions = append(topic.Partitions, partition)
	}
	request.Topics = append(request.Topics, topic)
	answer, err := member.connection.call(request)
	if err != nil {
		return err
	}
	for _, topic := range answer.(*kmsg.OffsetCommitResponse).Topics {
		for _, partition := range topic.Partitions {
			if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}

// crowdBeat lets every member send its heartbeat every so often, evenly spread, for some time.
// Words: SECONDS EVERY_MS. A latency is from the writing of a request to the reading of its answer.
func crowdBeat(words []string, _ map[string]string) error {
	sizes, err := numbers(words)
	if err != nil || len(sizes) != 2 {
		return errors.New("crowd-beat wants two numbers")
	}
	c := theCrowd
	every := time.Duration(sizes[1]) * time.Millisecond
	began := time.Now()
	end := began.Add(time.Duration(sizes[0]) * time.Second)
	var lock sync.Mutex
	var taken []time.Duration
	failed := map[string]int{}
	var waiting sync.WaitGroup
	places := len(c.groups) * len(c.groups[0].members)
	place := 0
	for _, group := range c.groups {
		for _, member := range group.members {
			first := began.Add(every * time.Duration(place) / time.Duration(places))
			place++
			waiting.Add(1)
			go func() {
				defer waiting.Done()
				for next := first; next.Before(end); next = next.Add(every) {
					time.Sleep(time.Until(next))
					sent := time.Now()
					err := c.beat(member)
					took := time.Since(sent)
					lock.Lock()
					taken = append(taken, took)
					if err != nil {
						failed[err.Error()]++
					}
					lock.Unlock()
				}
			}()
		}
	}
	waiting.Wait()
	sort.Slice(taken, func(i, j int) bool { return taken[i] < taken[j] })
	at := func(share float64) int64 {
		return taken[int(share*float64(len(taken)-1))].Microseconds()
	}
	print(map[string]any{"heartbeats": len(taken), "failed": failed, "p50_us": at(0.5),
		"p99_us": at(0.99), "p999_us": at(0.999),
		"per_second": float64(len(taken)) / time.Since(began).Seconds()})
	return nil
}

// ---- After a restart ----

// crowdReady asks every group for one of its offsets until it is told: then its coordinator knows
// it. (Kafka takes heartbeats blindly while it loads.)
func crowdReady(_ []string, _ map[string]string) error {
	c := theCrowd
	for _, group := range c.groups { // what is left of the connections is of another broker
		for _, member := range group.members {
			member.connection.close()
		}
	}
	began := time.Now()
	var again atomic.Int64
	err := c.eachLane(func(group *crowdGroup) error {
		for {
			err := c.verifyOffsets(group, []int32{0})
			if err == nil {
				return nil
			}
			if _, told := errors.AsType[*kerr.Error](err); told && !isPassing(err) {
				return err
			}
			if time.Since(began) > 2*time.Minute {
				return err
			}
			again.Add(1)
			time.Sleep(2 * time.Millisecond)
		}
	})
	if err != nil {
		return err
	}
	print(map[string]any{"seconds": time.Since(began).Seconds(), "repeated": again.Load()})
	return nil
}

// crowdVerify checks that every member is still of its generation, and every offset what it was.
func crowdVerify(_ []string, _ map[string]string) error {
	c := theCrowd
	began := time.Now()
	err := c.eachLane(func(group *crowdGroup) error {
		for _, member := range group.members {
			if err := c.beat(member); err != nil {
				return err
			}
		}
		return c.verifyOffsets(group, nil)
	})
	if err != nil {
		return err
	}
	print(map[string]any{"seconds": time.Since(began).Seconds()})
	return nil
}

// verifyOffsets compares those of some partitions, or of all.
func (c *crowd) verifyOffsets(group *crowdGroup, partitions []int32) error {
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Version = 8
	wanted := kmsg.NewOffsetFetchRequestGroup()
	wanted.Group = group.name
	wanted.Topics = nil // all
	expected := int(c.partitions)
	if partitions != nil {
		topic := kmsg.NewOffsetFetchRequestGroupTopic()
		topic.Topic, topic.Partitions = c.topic, partitions
		wanted.Topics, expected = append(wanted.Topics, topic), len(partitions)
	}
	request.Groups = append(request.Groups, wanted)
	answer, err := group.members[0].connection.call(request)
	if err != nil {
		return err
	}
	found := answer.(*kmsg.OffsetFetchResponse).Groups[0]
	if err := kerr.ErrorForCode(found.ErrorCode); err != nil {
		return err
	}
	offsets := 0
	for _, topic := range found.Topics {
		for _, partition := range topic.Partitions {
			if partition.Offset != offsetBase+int64(partition.Partition) {
				return fmt.Errorf("partition %d has offset %d", partition.Partition, partition.Offset)
			}
			offsets++
		}
	}
	if offsets != expected {
		return fmt.Errorf("%d offsets of %d", offsets, expected)
	}
	return nil
}
