// Removes images, prunes what is left over, and measures before and after.
'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { BASE, BASE_NAME, HELPER, HELPER_NAME, archive, docker, load, messages, refused, run } = require('./scene');

run(async () => {
  await load();
  const before = await docker.df();
  assert.deepEqual(before.Images.map((image) => image.Id).sort(), [BASE, HELPER].sort());
  assert.ok(before.LayersSize > 0);

  await docker.getImage(BASE).tag({ repo: 'another/base', tag: '1' });
  await refused(docker.getImage(BASE).remove(), 409, 'must be forced');
  assert.deepEqual(await docker.getImage('another/base:1').remove(), [{ Untagged: 'another/base:1' }]);
  const removed = await docker.getImage(BASE_NAME).remove({ noprune: false });
  assert.deepEqual(removed.slice(0, 2), [{ Untagged: BASE_NAME }, { Deleted: BASE }]);

  await messages(await docker.importImage(Readable.from([await archive({ left: 'over\n' })])));
  const dangling = await docker.pruneImages({ filters: { dangling: { true: true } } });
  assert.ok(dangling.ImagesDeleted.some((entry) => entry.Deleted), JSON.stringify(dangling));
  assert.ok(dangling.SpaceReclaimed > 0);
  const nothing = await docker.pruneImages();
  assert.deepEqual([nothing.ImagesDeleted ?? [], nothing.SpaceReclaimed], [[], 0]);
  const unused = await docker.pruneImages({ filters: { dangling: ['false'] } });
  assert.ok(unused.ImagesDeleted.some((entry) => entry.Untagged === HELPER_NAME), JSON.stringify(unused));
  assert.deepEqual(await docker.listImages({ all: true }), []);
  const after = await docker.df();
  assert.deepEqual(after.Images ?? [], []);
  assert.deepEqual((await docker.listVolumes()).Volumes ?? [], []);
});
