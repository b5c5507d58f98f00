import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { regionToPicture } from '../../src/networks/geometry.ts';
import type { Region } from '../../src/networks/geometry.ts';
import type { Network, Outputs } from '../../src/networks/network.ts';
import { KEYPOINT_SETS } from '../../src/networks/keypoint-sets.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { BodyAnalysisError } from '../../src/schema/errors.ts';
import type { KeypointSet, OwnNetworkKind } from '../../src/schema/own-networks.ts';
import { keypointScore, locationScore, peakFor, scoreFor } from '../../src/pipeline/scores.ts';
import type { Networks } from '../../src/pipeline/networks.ts';
import { ownPosesIn, squareFor } from '../../src/pipeline/photo/own-landmarks.ts';
import type { OwnLandmarks } from '../../src/pipeline/photo/own-landmarks.ts';
import { OWN_KINDS } from '../../src/networks/own-kinds.ts';
import { PLANS } from '../../src/pipeline/photo/qualities.ts';
import { open } from '../../src/worker/own-networks.ts';
import type { OwnNetworkRequest } from '../../src/worker/protocol.ts';
import type { Bytes } from '../../src/runtime/onnx/protobuf.ts';
import { CELL, moveOf, SMALL_INPUT, SMALL_MOVENET_OUTPUTS, smallNetwork } from '../support/own-graphs.ts';
import type { SmallOptions } from '../support/own-graphs.ts';

/*
 * Networks of an app's own: what is told of them, what their files take and give, and what is made of their
 * numbers. The small ones run in ONNX Runtime as in the worker, on a picture of spots that is cut here. The
 * whole client has them in `test/browser/own-networks.test.ts`.
 */

const URL_OF = 'https://app.example/own.onnx';

beforeAll(() => {
  env.wasm.numThreads = 1;
});
afterEach(() => void vi.unstubAllGlobals());

/** Has every address give these bytes. */
function serve(bytes: BodyInit | null, init?: ResponseInit): void {
  vi.stubGlobal('fetch', async () => new Response(bytes, init));
}

/** What an app says of a small network of that kind. */
function request(kind: OwnNetworkKind, more: object = {}): OwnNetworkRequest {
  const outputs = kind === 'movenet' ? { outputs: SMALL_MOVENET_OUTPUTS } : {};
  const all: unknown = { kind, url: URL_OF, keypoints: 'coco-17', input: SMALL_INPUT, ...outputs, ...more };
  return all as OwnNetworkRequest;
}

/** Networks that run what an own network's file has become, on a picture that is black but for spots. */
async function running(bytes: Bytes, own: { network: Network }, isSpot: (x: number, y: number) => boolean) {
  serve(bytes);
  const file = await own.network.load?.(() => {});
  if (!file) throw new Error('it has a file');
  const session = await InferenceSession.create(file, { executionProviders: ['wasm'] });
  const runs: Region[] = [];
  const networks: Networks = {
    have: async () => {},
    batchOf: () => 1,
    run: async (network, regions, read) => {
      const made = [];
      for (const region of regions) {
        if (network.file !== own.network.file) {
          made.push(read(noPose() as never, region, () => []));
          continue;
        }
        runs.push(region);
        const { side, mean, deviation, name = '' } = network.input;
        const data = new Float32Array(3 * side ** 2);
        for (let at = 0; at < side ** 2; at++) {
          const { x, y } = regionToPicture(
            region,
            ((at % side) + 0.5) / side,
            (Math.floor(at / side) + 0.5) / side,
          );
          const colour = isSpot(x, y) ? [255, 0, 255] : [0, 0, 0];
          for (const plane of [0, 1, 2])
            data[plane * side ** 2 + at] =
              ((colour[plane] ?? 0) - (mean[plane] ?? 0)) / (deviation[plane] ?? 1);
        }
        const results = await session.run({ [name]: new Tensor('float32', data, [1, 3, side, side]) });
        const outputs = Object.fromEntries(
          Object.entries(results).map(([key, tensor]) => [key, tensor.data as Float32Array]),
        );
        made.push(read(outputs as never, region, (key) => results[key]?.dims ?? []));
      }
      return made;
    },
  };
  return { networks, runs, session };
}

/** What BlazePose gives where nobody is. */
function noPose(): Outputs<string> {
  return {
    landmarks: new Float32Array(39 * 5).fill(Number.NaN),
    flag: new Float32Array(1),
    heatmap: new Float32Array(39 * 64 * 64),
    world: new Float32Array(39 * 3),
  };
}

/** The inputs of small networks that look at one person, and at the picture. */
const SIZES = { person: { width: 96, height: 128 }, picture: { width: 128, height: 96 } };

test('scores of a network of the app’s own are the answer’s', () => {
  for (const probability of [0.001, 0.2, 0.77, 0.999]) {
    for (const seen of [
      { score: 0.6, seenBy: 'blazepose' },
      { score: 0.1, seenBy: 'both' },
    ] as const)
      expect(keypointScore(peakFor(probability, seen), seen)).toBeCloseTo(probability, 6);
    const seen = { score: scoreFor(probability), seenBy: 'both' } as const;
    expect(locationScore(seen, 'lite')).toBeCloseTo(probability, 6);
  }
});

describe('small networks', () => {
  /** The middle of a cell of those that look at the whole picture, which fills it. */
  const SPOT = { x: 300, y: 220 };
  const sizeOf = (width: number) => ({ width, height: 480, originalWidth: width, originalHeight: 480 });
  /** Someone around the spot. */
  const BOX = { left: 200, top: 60, width: 150, height: 320 };
  const isSpot = (x: number, y: number) => Math.hypot(x - SPOT.x, y - SPOT.y) < 12;

  test.each<[OwnNetworkKind, KeypointSet, Partial<SmallOptions>]>([
    ['yolo-pose', 'coco-17', {}],
    ['yolo-pose', 'halpe-26', { isOpen: true }],
    ['yolo-pose-nms', 'mpii-16', { isOpen: true }],
    ['rtmo', 'coco-17', {}],
    ['rtmo', 'wholebody-133', { isOpen: true }],
  ])('%s with %s (%o) find people, each point in its place', async (kind, set, more) => {
    // As wide as the input, and less, with grey beside it.
    const picture = sizeOf(more.isOpen ? 480 : 640);
    const names = KEYPOINT_SETS[set];
    const own = open(
      request(kind, { keypoints: set, input: { ...SMALL_INPUT, ...(more.isOpen && SIZES.picture) } }),
    );
    const { networks } = await running(
      smallNetwork(kind, { keypoints: names.length, ...SIZES.picture, ...more }),
      own,
      isSpot,
    );
    const { people, explanation } = await own.analyse(networks, picture, PLANS.balanced, { model: 'lite' });
    expect(people).toHaveLength(1);
    const [person] = people;
    if (!person) throw new Error('one was counted');
    expect(person.location.score).toBeCloseTo(0.95, 2);
    const cell = (CELL.picture * picture.height) / SIZES.picture.height;
    const { left, top, width, height } = person.location;
    expect([left + width / 2, top + height / 2]).toEqual([SPOT.x, SPOT.y]);
    expect([width, height]).toEqual([6 * cell, 8 * cell]);
    for (const part of BODY_PARTS) {
      const index = names.indexOf(part);
      const { x, y, score } = person.body_parts[part];
      // Where BlazePose sees nobody, the other parts are not seen.
      expect(score, part).toBeCloseTo(index < 0 ? 0 : 0.9, 4);
      if (index < 0) continue;
      expect([x, y], part).toEqual([SPOT.x + cell * moveOf(index).x, SPOT.y + cell * moveOf(index).y]);
    }
    expect(explanation.persons).toMatchObject([{ passes: 1, networks: ['own', 'blazepose'] }]);
    expect(explanation.squares).toMatchObject([{ detector: 'own', found: 1 }]);
  });

  test.each<[OwnNetworkKind, KeypointSet, Partial<SmallOptions>]>([
    ['simcc', 'halpe-26', {}],
    ['simcc', 'mpii-16', { isOpen: true }],
    ['heatmap', 'wholebody-133', {}],
    ['heatmap', 'coco-17', { isOpen: true }],
    ['movenet', 'coco-17', {}],
    ['movenet', 'halpe-26', { isOpen: true }],
    // Bytes are the colours themselves, whatever the kind is fed otherwise.
    ['heatmap', 'coco-17', { isInsideOut: true }],
    ['movenet', 'mpii-16', { isInsideOut: true }],
  ])('%s with %s (%o) put each point of a person in its place', async (kind, set, more) => {
    const names = KEYPOINT_SETS[set];
    const input = more.isInsideOut ? {} : { ...SMALL_INPUT, ...(more.isOpen && SIZES.person) };
    const asked = request(kind, { keypoints: set, input });
    const { network } = open(asked);
    const { networks } = await running(
      smallNetwork(kind, { keypoints: names.length, ...SIZES.person, ...more }),
      { network },
      isSpot,
    );
    const format = { keypoints: names.length, ...SIZES.person, anchor: 'corner' as const };
    const roles = Object.keys(OWN_KINDS[kind].outputs);
    const own: OwnLandmarks = {
      network,
      kind: OWN_KINDS[kind],
      format,
      names,
      outputs: Object.fromEntries(roles.map((role, index) => [role, network.outputs[index] ?? ''])),
    };
    const [[pose] = []] = await ownPosesIn(own, networks, [squareFor(BOX, format, 1.25)]);
    if (!pose) throw new Error('a person has a pose');
    // Of the box's longer side, in the input's pixels.
    const pixel = (1.25 * BOX.height) / SIZES.person.height;
    const cell = CELL.person * pixel;
    for (const [index, name] of names.entries()) {
      if (name === null) continue;
      const { x, y, score } = pose.parts[name] ?? { x: NaN, y: NaN, score: NaN };
      expect(Math.abs(x - (SPOT.x + cell * moveOf(index).x)), name).toBeLessThanOrEqual(
        kind === 'movenet' ? cell / 2 : pixel,
      );
      expect(Math.abs(y - (SPOT.y + cell * moveOf(index).y)), name).toBeLessThanOrEqual(
        kind === 'movenet' ? cell / 2 : pixel,
      );
      expect(score).toBeGreaterThan(0.4);
    }
    expect(Object.keys(pose.parts)).toHaveLength(names.filter((name) => name !== null).length);
  });
});

describe('what is wrong is told with a code and what to do', () => {
  const GOOD = smallNetwork('heatmap', { keypoints: 17, ...SIZES.person });

  /** The error of fetching the file and making it ready. */
  async function failure(own = open(request('heatmap'))): Promise<{ code: string; message: string }> {
    const error: unknown = await own.network.load?.(() => {}).catch((reason: unknown) => reason);
    if (!(error instanceof BodyAnalysisError)) throw new Error(`not refused: ${String(error)}`);
    return error;
  }

  test.each<[string, object, RegExp]>([
    ['kind', { kind: 'openpose' }, /kind must be one of simcc, .*, rtmo, not "openpose"/],
    ['sha256', { sha256: 'abc' }, /sha256 must be 64 hexadecimal digits/],
    ['maxBytes', { maxBytes: 0 }, /maxBytes must be an integer from 1/],
    ['a set', { keypoints: 'coco' }, /keypoints must be one of coco-17, .*, or a list/],
    ['a part', { keypoints: ['nose', 'tail'] }, /keypoints must be one of/],
    ['a part twice', { keypoints: ['nose', null, 'nose'] }, /each once/],
    ['no part', { keypoints: [null] }, /keypoints must be one of/],
    ['a side', { input: { width: 4 } }, /input\.width must be an integer from 16 to 2048, not 4/],
    ['channels', { input: { channels: 'gray' } }, /input\.channels must be rgb or bgr/],
    ['mean', { input: { mean: [1, 2] } }, /input\.mean must be three numbers/],
    ['deviation', { input: { deviation: [1, 0, 1] } }, /three numbers other than 0/],
    ['a word in input', { input: { size: 256 } }, /landmarks\.input has no size: it has width, /],
    ['a word', { keypoint: 'coco-17' }, /landmarks has no keypoint: it has url, /],
    ['an output', { outputs: { heatmap: 'x' } }, /landmarks\.outputs has no heatmap: it has heatmaps/],
    ['an output’s name', { outputs: { heatmaps: 3 } }, /outputs\.heatmaps must be the name of an output/],
    ['anchor', { anchor: 'top' }, /anchor must be corner, middle or udp, not "top"/],
    ['anchor of another kind', { kind: 'simcc', anchor: 'udp' }, /anchor must be left to the kind heatmap/],
  ])('an option that cannot be so: %s', (_, more, message) => {
    expect(() => open(request('heatmap', more))).toThrow(message);
    expect(() => open(request('heatmap', more))).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  });

  test.each<[string, BodyInit, string, RegExp]>([
    [
      'a page',
      '<!doctype html><title>An app</title>',
      'model-format',
      /is no ONNX file: it begins with "<!doctype/,
    ],
    ['nothing', '', 'model-format', /is no ONNX file/],
    ['other bytes', Uint8Array.of(8, 8, 0x3b, 7), 'model-format', /is no ONNX file/],
    [
      'half a file',
      GOOD.slice(0, GOOD.length / 2),
      'model-integrity',
      /is cut short: of \d+ bytes or more \d+ are there/,
    ],
    ['a file without its end', GOOD.slice(0, -6), 'model-integrity', /is cut short/],
  ])('a file that is %s', async (_, bytes, code, message) => {
    serve(bytes);
    const error = await failure();
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/(?:Deploy the whole file|Check that options\.landmarks\.url)/);
  });

  test.each<[string, Partial<SmallOptions>, object, RegExp]>([
    [
      'other keypoints',
      { keypoints: 26 },
      {},
      /gives output as 1 × 26 × 32 × 24, wanted: 1 × 17 × rows × columns, over its input of 96 × 128 px/,
    ],
    [
      'another size',
      {},
      { input: { ...SMALL_INPUT, width: 192, height: 256 } },
      /takes picture as \? × 3 × 128 × 96 of float32, wanted: 1 × 3 × 256 × 192, or 1 × 256 × 192 × 3, of float32/,
    ],
    [
      'an output that it has not',
      {},
      { outputs: { heatmaps: 'maps' } },
      /gives output \(1 × 17 × 32 × 24\), wanted: heatmaps, as maps/,
    ],
  ])('a network with %s', async (_, more, asked, message) => {
    serve(smallNetwork('heatmap', { keypoints: 17, ...SIZES.person, ...more }));
    const error = await failure(open(request('heatmap', asked)));
    expect(error.code).toBe('model-format');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('options.landmarks');
  });

  test('another kind of network', async () => {
    serve(smallNetwork('yolo-pose', { keypoints: 17, ...SIZES.picture }));
    const error = await failure(open(request('rtmo')));
    expect(error).toMatchObject({ code: 'model-format' });
    expect(error.message).toMatch(/gives output0 \(1 × 56 × 192\), wanted: keypoints; say by/);
  });

  test.each<[OwnNetworkKind, Partial<SmallOptions>, OwnNetworkKind, RegExp]>([
    [
      'yolo-pose',
      {},
      'yolo-pose-nms',
      /as 1 × 56 × 192, wanted.*\. Its outputs are those of kind: 'yolo-pose'\. /,
    ],
    ['yolo-pose-nms', {}, 'yolo-pose', /\. Its outputs are those of kind: 'yolo-pose-nms'\. /],
    ['heatmap', {}, 'simcc', /\. Its outputs are those of kind: 'heatmap'\. /],
    // Of three sizes, and not four.
    [
      'simcc',
      {},
      'heatmap',
      /gives simcc_x as 1 × 17 × 192, wanted.*\. Its outputs are those of kind: 'simcc'\. /,
    ],
    ['simcc', { keypoints: 133 }, 'simcc', /those of kind: 'simcc' and keypoints: 'wholebody-133'\. /],
    ['yolo-pose', { keypoints: 26 }, 'yolo-pose', /those of kind: 'yolo-pose' and keypoints: 'halpe-26'\. /],
    ['yolo-pose', { keypoints: 26 }, 'rtmo', /those of kind: 'yolo-pose' and keypoints: 'halpe-26'\. /],
    // Sizes that are open fit everything, and say nothing.
    ['yolo-pose', { isOpen: true }, 'rtmo', /which it is\. Correct/],
    // Neither is a network of 5 keypoints any that is known.
    ['yolo-pose', { keypoints: 5 }, 'yolo-pose', /or 1 × cells × 56\. Correct/],
  ])('a %s (%o) that is told to be a %s', async (kind, more, told, message) => {
    const size = ['simcc', 'heatmap'].includes(kind) ? SIZES.person : SIZES.picture;
    serve(smallNetwork(kind, { keypoints: 17, ...size, ...more }));
    const input = { ...SMALL_INPUT, ...(more.isOpen && size) };
    const error = await failure(open(request(told, { input })));
    expect(error.code).toBe('model-format');
    expect(error.message).toMatch(message);
  });

  test('sizes that only its numbers show are told by the names of the file', async () => {
    const own = open(request('yolo-pose', { input: { ...SMALL_INPUT, ...SIZES.picture } }));
    const bytes = smallNetwork('yolo-pose', { keypoints: 26, ...SIZES.picture, isOpen: true });
    const { networks } = await running(bytes, own, () => false);
    const picture = { width: 640, height: 480, originalWidth: 640, originalHeight: 480 };
    await expect(own.analyse(networks, picture, PLANS.balanced, { model: 'lite' })).rejects.toMatchObject({
      code: 'model-format',
      message: expect.stringMatching(/gives output0 as 1 × 83 × 192, wanted: 1 × 56 × cells/),
    });
  });

  test('heads of a MoveNet that nobody has named', async () => {
    serve(smallNetwork('movenet', { keypoints: 17, ...SIZES.person }));
    const { message } = await failure(open(request('movenet', { outputs: {} })));
    expect(message).toMatch(
      /gives heat \(.*\), middle \(.*\), .*wanted: heatmaps; say by options\.landmarks\.outputs/,
    );
  });

  test.each([
    [404, /answered 404/],
    [503, /answered 503/],
  ])('an answer of %i', async (status, message) => {
    serve('no', { status });
    expect(await failure()).toMatchObject({ code: 'model-fetch', message: expect.stringMatching(message) });
  });

  test('a host that does not answer', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch');
    });
    const error = await failure();
    expect(error).toMatchObject({ code: 'model-fetch', cause: { message: 'Failed to fetch' } });
    expect(error.message).toMatch(
      /could not be fetched: check the address .*CORS.*connect-src.*the next call tries again/,
    );
  });

  test('a file of 200 MB is fetched no further than its limit', async () => {
    const piece = new Uint8Array(1_000_000);
    let sent = 0;
    const endless = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          sent += piece.length;
          if (sent > 200_000_000) controller.close();
          else controller.enqueue(piece);
        },
      });
    serve(endless());
    const error = await failure();
    expect(error).toMatchObject({ code: 'model-fetch' });
    expect(error.message).toMatch(
      /has more than the 134217728 bytes that are taken: raise options\.landmarks\.maxBytes/,
    );
    expect(sent).toBeLessThan(140_000_000);
    // Where the host says so at once nothing is read.
    sent = 0;
    serve(endless(), { headers: { 'Content-Length': '200000000' } });
    expect(await failure()).toMatchObject({ code: 'model-fetch' });
    expect(sent).toBeLessThan(5_000_000);
  });

  test('a file with another sum', async () => {
    serve(GOOD);
    const error = await failure(open(request('heatmap', { sha256: '0'.repeat(64) })));
    expect(error).toMatchObject({ code: 'model-integrity' });
    const [found = ''] = /[\da-f]{64}(?=\. Deploy)/.exec(error.message) ?? [];
    // The one that it names is right.
    serve(GOOD);
    const own = open(request('heatmap', { sha256: found.toUpperCase() }));
    await expect(own.network.load?.(() => {})).resolves.toBeInstanceOf(Uint8Array);
  });

  test('numbers that are none', async () => {
    const own = open(request('rtmo'));
    const bytes = smallNetwork('rtmo', { keypoints: 17, ...SIZES.picture, isBroken: true });
    const picture = { width: 640, height: 480, originalWidth: 640, originalHeight: 480 };
    let isThere = true;
    const { networks } = await running(bytes, own, (x) => isThere && x < 200);
    const looking = () => own.analyse(networks, picture, PLANS.balanced, { model: 'lite' });
    await expect(looking()).rejects.toMatchObject({
      code: 'model-format',
      message: expect.stringMatching(/gives NaN or Infinity as dets\. Correct/),
    });
    // Of another picture it gives numbers.
    isThere = false;
    await expect(looking()).resolves.toMatchObject({ people: [] });
  });
});
