import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'body21-rooms-'));
  copyFileSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether the project's lint rules let a file of `room` import `from`. */
function mayImport(room: string, from: string): boolean {
  mkdirSync(join(folder, room), { recursive: true });
  const file = join(room, 'probe.ts');
  writeFileSync(join(folder, file), `import { thing } from '${from}';\nexport const kept = thing;\n`);
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--format', 'json', file], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return !diagnostics.some(({ code }) => code.includes('no-restricted-imports'));
}

describe('the import table', () => {
  test.each([
    ['src/schema', './result.ts'],
    ['src/pipeline', '../schema/result.ts'],
    ['src/pipeline', '../networks/geometry.ts'],
    ['src/networks', '../schema/result.ts'],
    ['src/runtime', '../networks/network.ts'],
    ['src/runtime', '../source/frame.ts'],
    ['src/runtime', './backend/trial.ts'],
    ['src/runtime', './files/assets.ts'],
    ['src/runtime', './pictures/picture.ts'],
    ['src/runtime/backend', '../files/assets.ts'],
    ['src/runtime/backend', '../onnx/precision.ts'],
    ['src/runtime/backend', '../pictures/pixels.ts'],
    ['src/runtime/backend', '../../networks/network.ts'],
    ['src/runtime/backend', 'onnxruntime-web/webgpu'],
    ['src/runtime/files', '../../../models/manifest.json'],
    ['src/runtime/files', '../../schema/errors.ts'],
    ['src/runtime/onnx', './protobuf.ts'],
    ['src/runtime/pictures', '../../source/frame.ts'],
    ['src/runtime/pictures', 'image-size'],
    ['src/worker', '../pipeline/photo.ts'],
    ['src/worker', '../runtime/models.ts'],
    ['src/worker', '../runtime/pictures/figure.ts'],
    ['src/worker', 'comlink'],
    ['src/client', '../worker/protocol.ts'],
    ['src/client', '../worker/trusted-scripts.ts'],
    ['src/draw', '../schema/result.ts'],
    ['src/export', '../schema/result.ts'],
    ['src/cli', 'node:fs'],
    ['demo', 'body21'],
  ])('lets %s import %s', (room, from) => {
    expect(mayImport(room, from)).toBe(true);
  });

  test.each([
    ['src/schema', '../networks/geometry.ts'],
    ['src/schema', 'comlink'],
    ['src/pipeline', '../runtime/models.ts'],
    ['src/pipeline', 'onnxruntime-web/webgpu'],
    ['src/networks', '../pipeline/person.ts'],
    ['src/networks', '../runtime/pictures/pixels.ts'],
    ['src/runtime', '../pipeline/person.ts'],
    ['src/runtime', '../source/source.ts'],
    ['src/runtime', './onnx/weights.ts'],
    ['src/runtime', 'onnxruntime-web/webgpu'],
    ['src/runtime/backend', '../models.ts'],
    ['src/runtime/backend', '../../pipeline/person.ts'],
    ['src/runtime/backend', 'image-size'],
    ['src/runtime/files', '../backend/backend.ts'],
    ['src/runtime/files', '../pictures/pixels.ts'],
    ['src/runtime/onnx', '../files/assets.ts'],
    ['src/runtime/onnx', '../../schema/errors.ts'],
    ['src/runtime/pictures', '../backend/gpu.ts'],
    ['src/runtime/pictures', '../onnx/halves.ts'],
    ['src/runtime/pictures', '../../source/source.ts'],
    ['src/worker', '../runtime/backend/gpu.ts'],
    ['src/worker', 'onnxruntime-web/webgpu'],
    ['src/worker', '../client/client.ts'],
    ['src/source', '../client/client.ts'],
    ['src/client', '../worker/service.ts'],
    ['src/client', '../runtime/models.ts'],
    ['src/draw', '../client/client.ts'],
    ['src/export', '../client/client.ts'],
    ['src/cli', '../schema/result.ts'],
    ['demo', '../src/schema/result.ts'],
  ])('stops %s from importing %s', (room, from) => {
    expect(mayImport(room, from)).toBe(false);
  });
});

test('the runtime names no network but where it lists files', () => {
  const runtime = join(ROOT, 'src/runtime');
  const naming = readdirSync(runtime, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') &&
      /blazepose|movenet|nanodet|pose_?detector|landmark/i.test(readFileSync(join(runtime, file), 'utf8')),
  );
  expect(naming).toEqual(['files/assets.ts']);
});
