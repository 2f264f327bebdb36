// Package moby uses the newest Go client of the Docker Engine API.
package moby

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

var ctx = context.Background()

// connect takes the newest API version that both sides know.
func connect() *client.Client {
	docker := check.Got(client.New(client.FromEnv))
	check.Got(docker.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}))
	check.Same(docker.ClientVersion(), os.Getenv("API_VERSION"))
	return docker
}

// messages reads a stream of messages; an error among them is one.
func messages(stream io.ReadCloser) ([]jsonstream.Message, error) {
	defer stream.Close()
	var found []jsonstream.Message
	decoder := json.NewDecoder(stream)
	for {
		var message jsonstream.Message
		err := decoder.Decode(&message)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err == nil && message.Error != nil {
			err = message.Error
		}
		if err != nil {
			return found, err
		}
		found = append(found, message)
	}
}

func load(docker *client.Client, name string, options ...client.ImageLoadOption) []jsonstream.Message {
	file := check.Fixture(name)
	defer file.Close()
	return check.Got(messages(check.Got(docker.ImageLoad(ctx, file, options...))))
}

func filters(pairs ...string) client.Filters {
	found := client.Filters{}
	for n := 0; n < len(pairs); n += 2 {
		found.Add(pairs[n], pairs[n+1])
	}
	return found
}
