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

/** The lines of each room's file that the project's lint rules refuse for what they name. */
function refusedLines(rooms: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  for (const [room, lines] of rooms) {
    mkdirSync(join(folder, room), { recursive: true });
    writeFileSync(join(folder, room, 'probe.ts'), lines.join('\n'));
  }
  const files = [...rooms.keys()].map((room) => `${room}/probe.ts`);
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--format', 'json', ...files], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
  };
  const found = diagnostics.filter(({ code }) => code.includes('no-restricted'));
  return new Map(
    [...rooms].map(([room, lines]) => {
      const numbers = found
        .filter(({ filename }) => filename === `${room}/probe.ts`)
        .map(({ labels }) => (labels[0]?.span.line ?? 0) - 1);
      return [room, lines.filter((_line, index) => numbers.includes(index))];
    }),
  );
}

describe('the import table', () => {
  const LETS: readonly [room: string, from: string][] = [
    ['src/schema', './result.ts'],
    ['src/schema', 'valibot'],
    ['src/pipeline', '../schema/result.ts'],
    ['src/pipeline', '../networks/geometry.ts'],
    ['src/pipeline', './region.ts'],
    ['src/pipeline/photo', './findings.ts'],
    ['src/pipeline/photo', '../region.ts'],
    ['src/pipeline/photo', '../../networks/geometry.ts'],
    ['src/pipeline/video', '../../schema/result.ts'],
    ['src/networks', '../schema/result.ts'],
    ['src/engine', './graph.ts'],
    ['src/engine/operators', '../builder.ts'],
    ['src/engine/kernels', './arithmetic'],
    ['src/runtime', '../networks/network.ts'],
    ['src/runtime', '../source/frame.ts'],
    ['src/runtime', './backend/gpu-trial.ts'],
    ['src/runtime', './files/assets.ts'],
    ['src/runtime', './pictures/picture.ts'],
    ['src/runtime/backend', '../files/assets.ts'],
    ['src/runtime/backend', '../onnx/precision.ts'],
    ['src/runtime/backend', '../../engine/team.ts'],
    ['src/runtime/backend', '../pictures/pixels.ts'],
    ['src/runtime/backend', '../../networks/network.ts'],
    ['src/runtime/backend', '../../engine/engine.ts'],
    ['src/runtime/backend', 'onnxruntime-web/webgpu'],
    ['src/runtime/files', '../../../models/manifest.json'],
    ['src/runtime/files', '../../schema/errors.ts'],
    ['src/runtime/onnx', './protobuf.ts'],
    ['src/runtime/onnx', '../../engine/graph.ts'],
    ['src/runtime/pictures', '../../source/frame.ts'],
    ['src/runtime/pictures', 'image-size'],
    ['src/worker', '../pipeline/landmark-pass.ts'],
    ['src/worker', '../pipeline/photo/analysis.ts'],
    ['src/worker', '../runtime/models.ts'],
    ['src/worker', '../runtime/pictures/drawn-figure.ts'],
    ['src/worker', '../runtime/backend/engine-threads.ts'],
    ['src/worker', 'comlink'],
    ['src/client', '../worker/protocol.ts'],
    ['src/client', './session/session.ts'],
    ['src/client', '../worker/trusted-scripts.ts'],
    ['src/draw', '../schema/result.ts'],
    ['src/export', '../schema/result.ts'],
    ['src/measure', '../schema/result.ts'],
    ['src/cli', 'node:fs'],
    ['src/cli', '../schema/loading.ts'],
    ['demo', 'body21'],
  ];
  const STOPS: readonly [room: string, from: string][] = [
    ['src/schema', '../networks/geometry.ts'],
    ['src/schema', 'comlink'],
    ['src/pipeline', '../runtime/models.ts'],
    ['src/pipeline', 'onnxruntime-web/webgpu'],
    ['src/pipeline', './photo/findings.ts'],
    ['src/pipeline', './video/tracker.ts'],
    ['src/pipeline/photo', '../video/tracker.ts'],
    ['src/pipeline/video', '../photo/findings.ts'],
    ['src/pipeline/video', '../../runtime/models.ts'],
    ['src/networks', '../pipeline/person.ts'],
    ['src/networks', '../runtime/pictures/pixels.ts'],
    ['src/engine', '../schema/errors.ts'],
    ['src/engine/operators', '../../schema/errors.ts'],
    ['src/engine', 'onnxruntime-web/webgpu'],
    ['src/runtime', '../pipeline/person.ts'],
    ['src/runtime', '../source/source.ts'],
    ['src/runtime', './onnx/weights.ts'],
    ['src/runtime', 'onnxruntime-web/webgpu'],
    ['src/runtime/backend', '../models.ts'],
    ['src/runtime/backend', '../../pipeline/person.ts'],
    ['src/runtime/backend', 'image-size'],
    ['src/runtime/backend', '../../engine/operators/convolution.ts'],
    ['src/runtime/files', '../backend/backend.ts'],
    ['src/runtime/files', '../pictures/pixels.ts'],
    ['src/runtime/onnx', '../files/assets.ts'],
    ['src/runtime/onnx', '../../engine/engine.ts'],
    ['src/runtime/onnx', '../../schema/errors.ts'],
    ['src/runtime/pictures', '../backend/gpu.ts'],
    ['src/runtime/pictures', '../onnx/halves.ts'],
    ['src/runtime/pictures', '../../source/source.ts'],
    ['src/worker', '../runtime/backend/gpu.ts'],
    ['src/worker', '../engine/team.ts'],
    ['src/worker', 'onnxruntime-web/webgpu'],
    ['src/worker', '../client/client.ts'],
    ['src/source', '../client/client.ts'],
    ['src/client', '../worker/service.ts'],
    ['src/client', '../runtime/models.ts'],
    ['src/draw', '../client/client.ts'],
    ['src/export', '../client/client.ts'],
    ['src/measure', '../client/client.ts'],
    ['src/measure', '../draw/plan.ts'],
    ['src/cli', '../schema/result.ts'],
    ['demo', '../src/schema/result.ts'],
  ];
  const importOf = (from: string, index: number): string =>
    `import { thing as thing${index} } from '${from}';`;
  const all = [...LETS, ...STOPS];
  let refused: ReadonlyMap<string, readonly string[]>;
  // One file a room has all its imports: starting the linter takes longer than what it does.
  beforeAll(() => {
    const rooms = [...new Set(all.map(([room]) => room))];
    refused = refusedLines(
      new Map(
        rooms.map((room) => {
          const imports = all
            .filter((each) => each[0] === room)
            .map(([, from], index) => importOf(from, index));
          return [
            room,
            [...imports, `export const kept = [${imports.map((_, index) => `thing${index}`).join()}];`],
          ];
        }),
      ),
    );
  });
  const isRefused = (room: string, from: string): boolean =>
    refused.get(room)?.some((line) => line.endsWith(`'${from}';`)) ?? false;

  test.each(LETS)('lets %s import %s', (room, from) => {
    expect(isRefused(room, from)).toBe(false);
  });

  test.each(STOPS)('stops %s from importing %s', (room, from) => {
    expect(isRefused(room, from)).toBe(true);
  });
});

test('the session of a client imports schema and frames, of source and protocol types, and knows no page', () => {
  const allowed = [
    "import { asError } from '../../schema/errors.ts';",
    "import { releaseFrame } from '../../source/frame.ts';",
    "import { Failures } from './failures.ts';",
    "import type { Feed } from '../../source/newest-feed.ts';",
    "import type { OpenOptions } from '../../worker/protocol.ts';",
    'export const kept = [asError, releaseFrame, Failures, performance.now(), new AbortController()];',
    'export type Kept = [Feed, OpenOptions, VideoFrame];',
  ];
  const refused = [
    "import { toFrame } from '../../source/source.ts';",
    "import { VERSION } from '../../worker/protocol.ts';",
    "import { wrap } from 'comlink';",
    "import { startWorker } from '../start-worker.ts';",
    "import type { CheckedOptions } from '../options.ts';",
    "import type { Service } from '../../worker/service.ts';",
    "import type { Models } from '../../runtime/models.ts';",
    'export const page = document.title;',
    'export const browser = navigator.userAgent;',
    "export const worker = new Worker('worker.js');",
    "export const response = fetch('a picture');",
  ];
  const room = 'src/client/session';
  expect(refusedLines(new Map([[room, [...allowed, ...refused]]])).get(room)).toEqual(refused);
});

test('no two files import each other, not even types', () => {
  const room = join(folder, 'src/schema');
  mkdirSync(room, { recursive: true });
  writeFileSync(join(room, 'one.ts'), "import type { Two } from './two.ts';\nexport type One = Two;\n");
  writeFileSync(join(room, 'two.ts'), "import type { One } from './one.ts';\nexport type Two = One;\n");
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['src/schema'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toContain('no-cycle');
  expect(stdout).toContain('one.ts');
});

test('a file can be read in one sitting: 300 lines at most, and comments of 110 columns', () => {
  const source = join(ROOT, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const lines = readFileSync(join(source, file), 'utf8').split('\n');
    expect(lines.length, file).toBeLessThanOrEqual(301);
    // But for what the linter is told, and code in a comment, which cannot be broken.
    const comments = lines.filter(
      (line) => /^\s*(?:\/\/|\/?\*)/.test(line) && !/oxlint-disable|\* {2,}|\* for await/.test(line),
    );
    expect(
      comments.filter((line) => line.length > 110),
      file,
    ).toEqual([]);
    // In a comment no compiler sees what a merge has left.
    expect(
      lines.filter((line) => /^(?:<{7}|>{7}) /.test(line)),
      file,
    ).toEqual([]);
  }
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
