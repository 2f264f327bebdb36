// Makes images of file systems.
'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { archive, docker, fixture, messages, refused, run } = require('./scene');

const imported = async (stream) => (await messages(stream)).at(-1).status;

run(async () => {
  const id = await imported(await docker.importImage(fixture('gitlab-runner-helper-rootfs.tar.xz'), {
    repo: 'team/helper',
    tag: '18',
    message: 'a helper',
    changes: ['CMD ["run"]', 'WORKDIR /work'],
  }));
  const image = await docker.getImage('team/helper:18').inspect();
  assert.equal(image.Id, id);
  assert.deepEqual(image.Config.Cmd, ['run']);
  assert.equal(image.Config.WorkingDir, '/work');
  const [step] = await docker.getImage(id).history();
  assert.equal(step.Comment, 'a helper');
  assert.deepEqual(step.Tags, ['team/helper:18']);

  const nameless = await imported(await docker.importImage(Readable.from([await archive({ hello: 'hello\n' })])));
  assert.deepEqual((await docker.getImage(nameless).inspect()).RepoTags, []);
  const dangling = await docker.listImages({ filters: { dangling: ['true'] } });
  assert.deepEqual(dangling.map((found) => found.Id), [nameless]);
  await refused(docker.importImage(Readable.from([await archive({ a: 'a' })]), { repo: 'x', changes: 'NONSENSE a' }), 400, 'nonsense');
});
