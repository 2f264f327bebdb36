// Takes images out as a stream and brings them in again.
'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { BASE_NAME, HELPER, HELPER_NAME, content, docker, load, members, messages, refused, run } = require('./scene');

run(async () => {
  await load();
  const archive = await content(await docker.getImage(HELPER_NAME).get());
  const files = await members(archive);
  const [item, ...others] = JSON.parse(files['manifest.json']);
  assert.deepEqual(others, []);
  assert.deepEqual(item.RepoTags, [HELPER_NAME]);
  const config = JSON.parse(files[item.Config]);
  assert.deepEqual(config.rootfs.diff_ids, (await docker.getImage(HELPER).inspect()).RootFS.Layers);
  for (const layer of item.Layers) assert.ok(files[layer]?.length > 0, layer);

  const both = await members(await content(await docker.getImages({ names: [HELPER_NAME, BASE_NAME] })));
  const names = JSON.parse(both['manifest.json']).map((image) => image.RepoTags[0]);
  assert.deepEqual(names.sort(), [BASE_NAME, HELPER_NAME]);
  await refused(docker.getImage('nosuch:1').get(), 404, '');

  await docker.getImage(HELPER_NAME).remove();
  await refused(docker.getImage(HELPER).inspect(), 404, 'no such image');
  // One pipe from the answer of a save to the body of a load.
  await messages(await docker.loadImage(Readable.from([archive])));
  assert.equal((await docker.getImage(HELPER_NAME).inspect()).Id, HELPER);
});
