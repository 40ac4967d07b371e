// One connection to a broker, and requests on it one after the other: for what a client of its own
// per member would be too dear for.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

type connection struct {
	bootstrap   string
	lock        sync.Mutex
	socket      net.Conn
	reader      *bufio.Reader
	correlation int32
}

var formatter = kmsg.NewRequestFormatter(kmsg.FormatterClientID("crowd"))

// call sends a request and waits for the answer. After an error the next call connects again.
func (c *connection) call(request kmsg.Request) (kmsg.Response, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	response, err := c.exchange(request)
	if err != nil && c.socket != nil {
		c.socket.Close()
		c.socket = nil
	}
	return response, err
}

func (c *connection) exchange(request kmsg.Request) (kmsg.Response, error) {
	if c.socket == nil {
		socket, err := net.DialTimeout("tcp", c.bootstrap, 5*time.Second)
		if err != nil {
			return nil, err
		}
		c.socket, c.reader = socket, bufio.NewReader(socket)
	}
	c.correlation++
	c.socket.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := c.socket.Write(formatter.AppendRequest(nil, request, c.correlation)); err != nil {
		return nil, err
	}
	var size [4]byte
	if _, err := io.ReadFull(c.reader, size[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(c.reader, body); err != nil {
		return nil, err
	}
	if len(body) < 4 || binary.BigEndian.Uint32(body) != uint32(c.correlation) {
		return nil, errors.New("the answer to another request")
	}
	body = body[4:]
	response := request.ResponseKind()
	if response.IsFlexible() {
		if len(body) == 0 || body[0] != 0 {
			return nil, errors.New("tags in a response header")
		}
		body = body[1:]
	}
	return response, response.ReadFrom(body)
}

func (c *connection) close() {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.socket != nil {
		c.socket.Close()
		c.socket = nil
	}
}
