// Throughput and latency of a broker, as a fast client sees them.
package main

import (
	"context"
	"errors"
	"sort"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func init() {
	verbs["measure-produce"] = measureProduce
	verbs["measure-consume"] = measureConsume
	verbs["measure-latency"] = measureLatency
}

func numbers(words []string) ([]int, error) {
	var found []int
	for _, word := range words {
		number, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		found = append(found, number)
	}
	return found, nil
}

func acks(options map[string]string) []kgo.Opt {
	if options["acks"] == "1" {
		return []kgo.Opt{kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()}
	}
	return nil
}

func throughput(records, size int, began time.Time) {
	seconds := time.Since(began).Seconds()
	print(map[string]any{
		"records_per_second": int(float64(records) / seconds),
		"mb_per_second":      float64(records) * float64(size) / seconds / 1e6,
	})
}

// measureProduce sends records of one size round-robin over the partitions of a topic, batched.
// Words: BOOTSTRAP TOPIC COUNT SIZE.
func measureProduce(words []string, options map[string]string) error {
	if len(words) != 4 {
		return errors.New("measure-produce wants four words")
	}
	sizes, err := numbers(words[2:])
	if err != nil {
		return err
	}
	count, size := sizes[0], sizes[1]
	client, err := kgo.NewClient(append(acks(options),
		kgo.SeedBrokers(words[0]),
		kgo.DefaultProduceTopic(words[1]),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerBatchMaxBytes(1000000),
		kgo.ProducerLinger(2*time.Millisecond),
		kgo.MaxBufferedRecords(50000))...)
	if err != nil {
		return err
	}
	defer client.Close()
	value := make([]byte, size)
	for i := range value {
		value[i] = byte('a' + i%26)
	}
	var failed atomic.Value
	began := time.Now()
	for i := 0; i < count; i++ {
		client.Produce(context.Background(), &kgo.Record{Value: value},
			func(_ *kgo.Record, err error) {
				if err != nil {
					failed.Store(err)
				}
			})
	}
	if err := client.Flush(context.Background()); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return err.(error)
	}
	throughput(count, size, began)
	return nil
}

// measureConsume reads COUNT records off all partitions of a topic. Words: BOOTSTRAP TOPIC COUNT SIZE.
func measureConsume(words []string, _ map[string]string) error {
	if len(words) != 4 {
		return errors.New("measure-consume wants four words")
	}
	sizes, err := numbers(words[2:])
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(words[0]), kgo.ConsumeTopics(words[1]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(4<<20))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	began := time.Now()
	for left := sizes[0]; left > 0; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		left -= fetches.NumRecords()
	}
	throughput(sizes[0], sizes[1], began)
	return nil
}

// measureLatency sends records one at a time, each after the answer to the one before it.
// Words: BOOTSTRAP TOPIC COUNT SIZE.
func measureLatency(words []string, options map[string]string) error {
	if len(words) != 4 {
		return errors.New("measure-latency wants four words")
	}
	sizes, err := numbers(words[2:])
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(append(acks(options),
		kgo.SeedBrokers(words[0]),
		kgo.DefaultProduceTopic(words[1]),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.ProducerLinger(0))...)
	if err != nil {
		return err
	}
	defer client.Close()
	value := make([]byte, sizes[1])
	var taken []time.Duration
	for i := 0; i < sizes[0]+100; i++ {
		began := time.Now()
		if err := client.ProduceSync(context.Background(), &kgo.Record{Value: value}).FirstErr(); err != nil {
			return err
		}
		if i >= 100 { // the first ones warm up
			taken = append(taken, time.Since(began))
		}
	}
	sort.Slice(taken, func(i, j int) bool { return taken[i] < taken[j] })
	at := func(share float64) int64 {
		return taken[int(share*float64(len(taken)-1))].Microseconds()
	}
	print(map[string]any{"p50_us": at(0.5), "p99_us": at(0.99), "p999_us": at(0.999)})
	return nil
}
