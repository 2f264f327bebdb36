// Loads archives and follows the progress; finds, tags and lists what they brought.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Readable } = require('node:stream');
const { BASE, BASE_NAME, HELPER, HELPER_NAME, docker, fixture, load, refused, run } = require('./scene');

const ids = async (options) => (await docker.listImages(options)).map((image) => image.Id).sort();

run(async () => {
  assert.equal(String(await docker.ping()), 'OK');
  assert.deepEqual(await docker.listImages(), []);
  await refused(docker.getImage(HELPER_NAME).inspect(), 404, 'no such image');

  const lines = (await load()).map((message) => message.stream).filter(Boolean);
  assert.ok(lines.includes(`Loaded image: ${HELPER_NAME}\n`), lines.join());
  assert.ok(lines.includes(`Loaded image: ${BASE_NAME}\n`), lines.join());
  const seen = [];
  const stream = await docker.loadImage(fs.createReadStream(fixture('docker-20.10-tagged.tar')), { quiet: false });
  await new Promise((resolve, reject) => {
    docker.followProgress(stream, (error) => (error ? reject(error) : resolve()), (event) => seen.push(event));
  });
  assert.ok(seen.some((event) => event.stream === `Loaded image: ${HELPER_NAME}\n`), JSON.stringify(seen));

  const helper = docker.getImage(HELPER_NAME);
  const inspected = await helper.inspect();
  assert.equal(inspected.Id, HELPER);
  assert.deepEqual(inspected.Config.Cmd, ['gitlab-runner-build']);
  assert.deepEqual(Object.keys(inspected.Config.ExposedPorts).sort(), ['53/udp', '8080/tcp']);
  assert.ok(Date.parse(inspected.Created) > 0, inspected.Created);

  await helper.tag({ repo: 'team/helper', tag: '18' });
  await docker.getImage(HELPER.slice(7, 19)).tag({ repo: 'by-id' });
  assert.equal((await docker.getImage('by-id:latest').inspect()).Id, HELPER);
  await refused(docker.getImage('nosuch').tag({ repo: 'x' }), 404, 'No such image: nosuch');

  assert.deepEqual(await ids(), [BASE, HELPER].sort());
  assert.deepEqual(await ids({ filters: { reference: ['team/*'] } }), [HELPER]);
  assert.deepEqual(await ids({ filters: { reference: { 'team/*': true } } }), [HELPER]);
  assert.deepEqual(await ids({ filters: JSON.stringify({ label: ['com.example.tier'] }) }), [HELPER]);
  assert.deepEqual(await ids({ all: true, filters: { dangling: ['true'] } }), []);
  const [team] = await docker.listImages({ filters: { reference: ['team/helper'] } });
  assert.deepEqual(team.RepoTags, ['team/helper:18']);
  assert.equal(typeof team.Created, 'number');
  assert.ok(team.Size > 0);

  const history = await helper.history();
  assert.equal(history[0].Id, HELPER);
  assert.deepEqual(history[0].Tags.sort(), (await helper.inspect()).RepoTags.sort());
  assert.equal(history.at(-1).Comment, 'Imported from -');

  // followProgress takes a fault among the messages for one more message: only a status rejects.
  await refused(docker.loadImage(Readable.from([Buffer.from('no archive')])), 500, 'archive');
  assert.deepEqual(await ids(), [BASE, HELPER].sort());
});
