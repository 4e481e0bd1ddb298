// A node of raftmark in Go. What a node must do stands in handshake.md, and
// `raftmark adapter check DIR` holds it to that.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc"
)

const contract = 1

// Config is what the harness tells a node; see handshake.md for the keys that are not used yet.
type Config struct {
	Contract      int      `json:"contract"`
	RunID         string   `json:"runId"`
	Node          uint64   `json:"node"`
	Listen        string   `json:"listen"`
	FirstLeader   uint64   `json:"firstLeader"`
	BatchBytesMax int      `json:"batchBytesMax"`
	Groups        []uint64 `json:"groups"`
	Nodes         []struct {
		Node    uint64 `json:"node"`
		Address string `json:"address"`
	} `json:"nodes"`
}

func main() {
	config, err := readConfig(os.Args)
	if err != nil {
		fail(2, err)
	}
	listener, err := net.Listen("tcp", config.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		fail(98, err)
	} else if err != nil {
		fail(2, err)
	}
	server := grpc.NewServer(
		grpc.ForceServerCodecV2(rawCodec{}),
		grpc.MaxRecvMsgSize(64<<20),
		grpc.InitialWindowSize(4<<20),
		grpc.InitialConnWindowSize(4<<20),
	)
	register(server, newNode(config))
	ended := make(chan struct{}, 2)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		ended <- struct{}{}
	}()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		ended <- struct{}{}
	}()
	go server.Serve(listener)
	fmt.Printf("{\"raftmark\":%d,\"address\":%q}\n", contract, config.Listen)
	<-ended
	server.Stop()
}

func readConfig(args []string) (*Config, error) {
	if len(args) != 2 {
		return nil, errors.New("usage: node CONFIG.json")
	}
	text, err := os.ReadFile(args[1])
	if err != nil {
		return nil, err
	}
	config := &Config{}
	if err := json.Unmarshal(text, config); err != nil {
		return nil, err
	}
	if config.Contract != contract {
		return nil, fmt.Errorf("contract %d is not spoken here, but %d", config.Contract, contract)
	}
	return config, nil
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(code)
}
