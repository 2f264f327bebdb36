package moby

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Events reads what comes until it has come, and what was until its end.
func Events() {
	docker := connect()
	begun := fmt.Sprintf("%.9f", float64(time.Now().UnixMicro())/1e6)
	live := docker.Events(ctx, client.EventsListOptions{Since: begun, Filters: filters("event", "load")})
	load(docker, check.TwoImages)
	loaded := map[string]bool{}
	for len(loaded) < 2 {
		select {
		case message := <-live.Messages:
			check.Same(message.Type, events.ImageEventType)
			check.Same(message.Action, events.ActionLoad)
			check.That(message.TimeNano > 0 && message.Time == message.TimeNano/int64(time.Second), message)
			loaded[message.Actor.ID] = true
		case err := <-live.Err:
			check.OK(err)
		}
	}
	check.Same(loaded, map[string]bool{check.Helper: true, check.Base: true})

	check.Got(docker.ImageTag(ctx, client.ImageTagOptions{Source: check.Base, Target: "base:2"}))
	created := check.Got(docker.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: "job", Image: check.BaseName, Config: &container.Config{Cmd: []string{"true"}},
	}))
	check.Got(docker.ContainerRemove(ctx, "job", client.ContainerRemoveOptions{}))
	check.Got(docker.ImageRemove(ctx, "base:2", client.ImageRemoveOptions{}))
	until := fmt.Sprintf("%.9f", float64(time.Now().UnixMicro())/1e6)

	between := func(pairs ...string) (found []string) {
		stream := docker.Events(ctx, client.EventsListOptions{Since: begun, Until: until, Filters: filters(pairs...)})
		for {
			select {
			case message := <-stream.Messages:
				found = append(found, fmt.Sprintf("%s %s %s", message.Type, message.Action, message.Actor.ID))
			case err := <-stream.Err:
				check.That(errors.Is(err, io.EOF), err)
				return found
			}
		}
	}
	check.Same(between("type", "image", "event", "tag"), []string{"image tag " + check.Base})
	check.Same(between("container", "job"), []string{"container create " + created.ID, "container destroy " + created.ID})
	check.Same(between("type", "image", "image", check.Base, "event", "untag"), []string{"image untag " + check.Base})
	check.Same(between("event", "pull"), []string(nil))
}
