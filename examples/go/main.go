// Forwards a local port through a proxy of a provider, and prints every event until Enter is pressed.
//
//	./forward PROVIDER-URL [CHANNEL-PORT]
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
)

func run(provider string, channel int) error {
	sdk, err := Start()
	if err != nil {
		return err
	}
	// When it has returned, no event comes any more.
	printed := make(chan int)
	defer func() {
		sdk.Close()
		fmt.Printf("stopped after %d events\n", <-printed)
	}()
	go func() {
		count := 0
		for event := range sdk.Events {
			fmt.Println("event", event)
			count++
		}
		printed <- count
	}()

	// The same events for WebSocket clients, such as `loopwire tail`. Whoever knows the token may connect.
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	token := base64.RawURLEncoding.EncodeToString(random)
	if err := sdk.StartCommunicate(channel, token); err != nil {
		return err
	}
	fmt.Printf("channel ws://127.0.0.1:%d token %s\n", channel, token)

	if err := sdk.SetAPIHost(provider); err != nil {
		return err
	}
	ports, err := sdk.FreePorts(1)
	if err != nil {
		return err
	}
	if len(ports) == 0 {
		return fmt.Errorf("no port of the range is free")
	}
	// Returns when the proxy has been reached, or has not.
	if err := sdk.CreateWithID(ports[0], "my-proxy"); err != nil {
		return err
	}
	text, err := sdk.Config(ports[0])
	if err != nil {
		return err
	}
	var config struct {
		Address string `json:"address"`
		Online  bool   `json:"is_online"`
	}
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return err
	}
	fmt.Printf("forwarding %s, online: %t\n", config.Address, config.Online)
	fmt.Printf("try: curl -x http://127.0.0.1:%d http://example.com\npress Enter to stop\n", ports[0])
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	return nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatalf("usage: %s PROVIDER-URL [CHANNEL-PORT]", os.Args[0])
	}
	channel := 8881
	if len(os.Args) > 2 {
		var err error
		if channel, err = strconv.Atoi(os.Args[2]); err != nil {
			log.Fatal(err)
		}
	}
	if err := run(os.Args[1], channel); err != nil {
		log.Fatal(err)
	}
}
