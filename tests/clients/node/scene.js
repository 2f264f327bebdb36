// What the scenarios share: the client, the archives, small file systems, expected errors.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const Docker = require('dockerode');
const tar = require('tar-stream');

const HELPER = 'sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5';
const HELPER_NAME = 'fixture/helper:x86_64-v18.1';
const BASE = 'sha256:73ed4e88b05f31f66a0daf462ca68c6883939a00d76881821a680d2e93691daf';
const BASE_NAME = 'fixture/base:1';

// It reads DOCKER_HOST itself.
const docker = new Docker();

const fixture = (name) => path.join(process.env.FIXTURES, name);

// All messages of an answer that is a stream of them.
const messages = (stream) =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)));
  });

const load = async (name = 'docker-20.10-two-images.tar') => messages(await docker.loadImage(fixture(name)));

// A tar file of these files.
const archive = async (files) => {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) pack.entry({ name }, content);
  pack.finalize();
  return content(pack);
};

// All bytes of a stream.
const content = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

// The regular members of a tar file.
const members = (bytes) =>
  new Promise((resolve, reject) => {
    const found = {};
    const extract = tar.extract();
    extract.on('entry', (header, stream, next) => {
      content(stream).then((body) => {
        if (header.type === 'file') found[header.name] = body;
        next();
      }, next);
    });
    extract.on('finish', () => resolve(found));
    extract.on('error', reject);
    extract.end(bytes);
  });

// `doing` must fail with this status and a message that has these words.
const refused = (doing, status, words) =>
  assert.rejects(doing, (error) => {
    assert.equal(error.statusCode, status, String(error));
    assert.ok(error.message.toLowerCase().includes(words.toLowerCase()), error.message);
    return true;
  });

const run = (scenario) =>
  scenario().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });

module.exports = {
  BASE, BASE_NAME, HELPER, HELPER_NAME,
  archive, content, docker, fixture, load, members, messages, refused, run,
};
