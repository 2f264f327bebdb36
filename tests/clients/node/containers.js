// Creates containers; lists, inspects, renames and removes them.
'use strict';

const assert = require('node:assert/strict');
const { HELPER, HELPER_NAME, docker, load, refused, run } = require('./scene');

run(async () => {
  await load();
  await refused(docker.createContainer({ Image: 'nosuch:1', Cmd: ['true'] }), 404, 'No such image: nosuch:1');
  await refused(docker.getContainer('nosuch').inspect(), 404, 'no such container');

  const web = await docker.createContainer({
    name: 'web',
    Image: HELPER_NAME,
    Cmd: ['serve', '--port', '8080'],
    Env: ['PORT=8080'],
    Labels: { role: 'web' },
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '18080' }] }, Binds: ['/srv:/srv:ro'], RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
  });
  assert.match(web.id, /^[0-9a-f]{64}$/);
  const inspected = await web.inspect();
  assert.equal(inspected.Name, '/web');
  assert.equal(inspected.Image, HELPER);
  assert.equal(inspected.Config.Image, HELPER_NAME);
  assert.deepEqual(inspected.Config.Cmd, ['serve', '--port', '8080']);
  assert.ok(inspected.Config.Env.includes('PORT=8080') && inspected.Config.Env.includes('HOME=/root'));
  assert.deepEqual(inspected.HostConfig.PortBindings['8080/tcp'][0].HostPort, '18080');
  assert.deepEqual(inspected.HostConfig.Binds, ['/srv:/srv:ro']);
  assert.deepEqual(inspected.HostConfig.RestartPolicy, { Name: 'on-failure', MaximumRetryCount: 3 });
  assert.deepEqual([inspected.State.Status, inspected.State.Running, inspected.State.Pid], ['created', false, 0]);

  assert.deepEqual(await docker.listContainers(), []);
  const [listed] = await docker.listContainers({ all: true, filters: { label: ['role=web'] } });
  assert.equal(listed.Id, web.id);
  assert.deepEqual(listed.Names, ['/web']);
  assert.deepEqual([listed.Image, listed.ImageID, listed.State], [HELPER_NAME, HELPER, 'created']);
  assert.equal(listed.Command, '/usr/bin/dumb-init /entrypoint serve --port 8080');
  assert.deepEqual(await docker.listContainers({ all: true, filters: { status: ['exited'] } }), []);

  await web.rename({ name: 'site' });
  assert.equal((await docker.getContainer('site').inspect()).Id, web.id);
  await refused(docker.createContainer({ name: 'site', Image: HELPER }), 409, 'already in use');
  await refused(web.start(), 501, 'no execution backend is configured');
  await refused(docker.getImage(HELPER_NAME).remove(), 409, 'container');
  await web.remove({ force: true, v: true });
  await refused(web.inspect(), 404, 'no such container');

  await docker.createContainer({ Image: HELPER });
  const pruned = await docker.pruneContainers();
  assert.equal(pruned.ContainersDeleted.length, 1);
  assert.equal((await docker.listContainers({ all: true })).length, 0);
});
