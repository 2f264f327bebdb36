// Reads the stream of events until the one it waits for has come, and hangs up.
'use strict';

const assert = require('node:assert/strict');
const { BASE, HELPER, docker, load, run } = require('./scene');

const attributes = (event) => [event.Type, event.Action, event.Actor.ID, event.Actor.Attributes.name];

// The first `count` events; then the connection is given up.
const first = async (options, count) => {
  const stream = await docker.getEvents(options);
  const found = [];
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop();
    found.push(...lines.filter((line) => line.trim()).map((line) => JSON.parse(line)));
    if (found.length >= count) break;
  }
  stream.destroy();
  return found;
};

run(async () => {
  const since = Date.now() / 1000;
  const waiting = first({ since, filters: { type: ['image'], event: ['tag'] } }, 2);
  await load();
  await docker.getImage(HELPER).tag({ repo: 'one', tag: '1' });
  await docker.getImage(BASE).tag({ repo: 'two', tag: '2' });
  assert.deepEqual((await waiting).map(attributes), [
    ['image', 'tag', HELPER, 'one:1'],
    ['image', 'tag', BASE, 'two:2'],
  ]);

  await docker.getImage('one:1').remove();
  const container = await docker.createContainer({ name: 'job', Image: BASE, Cmd: ['true'], Labels: { stage: 'test' } });
  await container.remove();
  const untagged = await first({ since, filters: { image: [HELPER], event: ['untag'] } }, 1);
  assert.equal(untagged[0].Actor.ID, HELPER);
  assert.ok(untagged[0].timeNano / 1e9 >= since && untagged[0].time === Math.floor(untagged[0].timeNano / 1e9));
  // With an end the answer ends by itself.
  const all = await first({ since, until: Date.now() / 1000, filters: { container: ['job'] } }, Infinity);
  assert.deepEqual(all.map(attributes), [
    ['container', 'create', container.id, 'job'],
    ['container', 'destroy', container.id, 'job'],
  ]);
  assert.deepEqual(all.map((event) => event.Actor.Attributes.stage), ['test', 'test']);
});
