// The commands of a client program (../README.md has the list) with franz-go.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = 20 * time.Second

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

var verbs = map[string]func(words []string, options map[string]string) error{
	"produce": produce,
	"consume": consume,
}

var option = regexp.MustCompile(`(?s)^([a-z]+)=(.*)$`)

func print(line any) {
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func produce(words []string, options map[string]string) error {
	if len(words) != 6 {
		return errors.New("produce wants six words")
	}
	bootstrap, topic, codec, prefix := words[0], words[1], words[3], words[5]
	partition, _ := strconv.Atoi(words[2])
	count, _ := strconv.Atoi(words[4])
	size, _ := strconv.Atoi(options["size"])
	settings := []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codecs[codec]),
		kgo.ProducerBatchMaxBytes(100 << 20),
		kgo.BrokerMaxWriteBytes(200 << 20),
		kgo.RecordDeliveryTimeout(15 * time.Second),
		kgo.AllowAutoTopicCreation(),
		kgo.ProducerLinger(20 * time.Millisecond),
	}
	switch options["acks"] {
	case "0":
		settings = append(settings, kgo.RequiredAcks(kgo.NoAck()))
	case "1":
		settings = append(settings, kgo.RequiredAcks(kgo.LeaderAck()))
	}
	if options["idempotence"] != "true" {
		settings = append(settings, kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(settings...)
	if err != nil {
		return err
	}
	defer client.Close()
	var batch []*kgo.Record
	for i := 0; i < count; i++ {
		value := fmt.Sprintf("%s-%d", prefix, i)
		if size > 0 {
			value = (value + strings.Repeat("x", size))[:size]
		}
		batch = append(batch, &kgo.Record{
			Topic:     topic,
			Partition: int32(partition),
			Key:       []byte(fmt.Sprintf("%s-key-%d", prefix, i)),
			Value:     []byte(value),
			Headers:   []kgo.RecordHeader{{Key: "number", Value: []byte(strconv.Itoa(i))}},
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	results := client.ProduceSync(ctx, batch...)
	if err := results.FirstErr(); err != nil {
		return err
	}
	if options["acks"] == "0" {
		return nil
	}
	for _, result := range results {
		print(map[string]any{"partition": result.Record.Partition, "offset": result.Record.Offset})
	}
	return nil
}

func consume(words []string, _ map[string]string) error {
	if len(words) != 5 {
		return errors.New("consume wants five words")
	}
	bootstrap, topic := words[0], words[1]
	offset, _ := strconv.ParseInt(words[3], 10, 64)
	count, _ := strconv.Atoi(words[4])
	left := map[int32]int{}
	from := map[int32]kgo.Offset{}
	for _, word := range strings.Split(words[2], ",") {
		partition, _ := strconv.Atoi(word)
		left[int32(partition)] = count
		from[int32(partition)] = kgo.NewOffset().At(offset)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
		kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	open := len(left)
	for open > 0 {
		fetches := client.PollFetches(ctx)
		if errs := fetches.Errors(); len(errs) > 0 {
			return fmt.Errorf("partition %d: %w", errs[0].Partition, errs[0].Err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if left[record.Partition] == 0 {
				return
			}
			left[record.Partition]--
			if left[record.Partition] == 0 {
				open--
			}
			printRecord(record)
		})
	}
	return nil
}

func printRecord(record *kgo.Record) {
	headers := map[string]string{}
	for _, header := range record.Headers {
		headers[header.Key] = string(header.Value)
	}
	var key any
	if record.Key != nil {
		key = string(record.Key)
	}
	print(map[string]any{
		"partition": record.Partition,
		"offset":    record.Offset,
		"key":       key,
		"value":     string(record.Value[:min(200, len(record.Value))]),
		"length":    len(record.Value),
		"timestamp": record.Timestamp.UnixMilli(),
		"headers":   headers,
	})
}

// split takes the words of the form name=value from the others.
func split(words []string) (arguments []string, options map[string]string) {
	options = map[string]string{}
	for _, word := range words {
		if match := option.FindStringSubmatch(word); match != nil {
			options[match[1]] = match[2]
		} else {
			arguments = append(arguments, word)
		}
	}
	return arguments, options
}

func run(words []string) bool {
	arguments, options := split(words[1:])
	verb, known := verbs[words[0]]
	err := fmt.Errorf("no such verb: %s", words[0])
	if known {
		err = verb(arguments, options)
	}
	if err != nil {
		print(map[string]any{"end": false, "error": err.Error()})
		return false
	}
	print(map[string]any{"end": true})
	return true
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: client VERB WORD... | client serve")
		os.Exit(2)
	}
	if os.Args[1] != "serve" {
		if !run(os.Args[1:]) {
			os.Exit(1)
		}
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		run(strings.Split(lines.Text(), "\t"))
	}
}
