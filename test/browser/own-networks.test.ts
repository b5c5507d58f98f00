import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BodyAnalysisClient, BodyAnalysisError, BODY_PARTS } from '../../src/index.ts';
import type { BodyAnalysisClientOptions, KeypointSet, OwnNetwork, OwnNetworkKind } from '../../src/index.ts';
import { COCO_KEYPOINTS } from '../../src/schema/body-parts.ts';
import { KEYPOINT_SETS } from '../../src/networks/keypoint-sets.ts';
import { CELL, moveOf, SMALL_INPUT, SMALL_MOVENET_OUTPUTS, smallNetwork } from '../support/own-graphs.ts';
import type { SmallOptions } from '../support/own-graphs.ts';
import { plainCanvas, sampleBlob, SAMPLES } from './pictures.ts';

/*
 * The whole client with networks of an app's own. What is made of their numbers, and what may be wrong with
 * them, is tested in `test/unit/own-networks.test.ts`.
 */

const CLIENT = { model: 'lite', quality: 'fast', backend: 'wasm', warmUp: false, threads: 1 } as const;
const SIZES = { person: { width: 96, height: 128 }, picture: { width: 128, height: 96 } };
/** In a picture of someone who stands, beside their hips; and the middle of a cell in one of 640 × 480. */
const SPOTS = { person: { x: 360, y: 520 }, picture: { x: 300, y: 220 } };

const addresses: string[] = [];
afterAll(() => addresses.forEach((address) => URL.revokeObjectURL(address)));

function addressOf(bytes: Uint8Array<ArrayBuffer>): string {
  const address = URL.createObjectURL(new Blob([bytes]));
  addresses.push(address);
  return address;
}

/** A client with a small network of that kind. */
function create(kind: OwnNetworkKind, set: KeypointSet, more: Partial<SmallOptions> = {}) {
  const keypoints = KEYPOINT_SETS[set].length;
  const size = ['simcc', 'heatmap', 'movenet'].includes(kind) ? SIZES.person : SIZES.picture;
  const url = addressOf(smallNetwork(kind, { keypoints, ...size, ...more }));
  const common = { url, keypoints: set, input: SMALL_INPUT };
  const landmarks: OwnNetwork =
    kind === 'movenet' ? { ...common, kind, outputs: SMALL_MOVENET_OUTPUTS } : { ...common, kind };
  const options: BodyAnalysisClientOptions = { ...CLIENT, landmarks };
  return BodyAnalysisClient.create(options);
}

function withSpot(
  canvas: HTMLCanvasElement,
  { x, y }: { x: number; y: number },
  radius: number,
): HTMLCanvasElement {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  context.fillStyle = '#f0f';
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

let someone: HTMLCanvasElement;
let nobody: HTMLCanvasElement;
let plain: HTMLCanvasElement;

beforeAll(async () => {
  const bitmap = await createImageBitmap(await sampleBlob('stand'));
  const draw = () => {
    const canvas = plainCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    return canvas;
  };
  plain = draw();
  someone = withSpot(draw(), SPOTS.person, 26);
  nobody = withSpot(plainCanvas(640, 480), SPOTS.picture, 12);
});

describe('a network that looks at people', () => {
  test.each<[OwnNetworkKind, KeypointSet]>([
    ['simcc', 'halpe-26'],
    ['heatmap', 'wholebody-133'],
    ['movenet', 'mpii-16'],
  ])('%s with %s has its points in the answer, and all others are BlazePose’s', async (kind, set) => {
    using client = await create(kind, set);
    expect(client.backend.landmarks).toMatchObject({ kind, url: expect.stringMatching(/^blob:/) });
    const { person_info, debug } = await client.bodyAnalysis(someone, { debug: true });
    expect(person_info).toHaveLength(1);
    const [person] = person_info;
    if (!person) throw new Error('one was counted');
    expect(Object.keys(person.body_parts).toSorted()).toEqual([...BODY_PARTS].toSorted());
    expect(debug.persons[0]?.networks).toEqual(['blazepose', 'own']);
    const [look] = debug.regions.filter(({ network }) => network === 'own');
    const [from, to] = [look?.corners[0], look?.corners[1]];
    const side = (to?.[0] ?? NaN) - (from?.[0] ?? NaN);
    // A quarter more than the person, who is 720 px high.
    expect(side).toBeGreaterThan(800);
    expect(side).toBeLessThan(1100);
    const pixel = side / SIZES.person.height;
    const cell = CELL.person * pixel;
    const names = KEYPOINT_SETS[set];
    for (const part of BODY_PARTS) {
      const index = names.indexOf(part);
      const { x, y } = person.body_parts[part];
      const move = moveOf(index);
      const gap = Math.hypot(x - SPOTS.person.x - cell * move.x, y - SPOTS.person.y - cell * move.y);
      // MoveNet tells cells alone here, of both axes.
      if (index >= 0) expect(gap, part).toBeLessThanOrEqual(kind === 'movenet' ? 0.75 * cell : 1.5 * pixel);
    }
    if (set === 'mpii-16') expect(person.body_parts.nose.y).toBeLessThan(300);
    if (set === 'wholebody-133') expect(person.body_parts.neck.y).toBeLessThan(360);
  });
});

test('MoveNet’s own file, as an app would hand it in, places all of its points', async () => {
  const landmarks = { url: '/models/movenet_thunder.onnx', kind: 'movenet', keypoints: 'coco-17' } as const;
  using client = await BodyAnalysisClient.create({ ...CLIENT, landmarks });
  const [truth] = SAMPLES.find(({ id }) => id === 'stand')?.persons ?? [];
  const [person] = (await client.bodyAnalysis(plain)).person_info;
  if (!truth || !person) throw new Error('there is one person');
  const { top_head, neck } = truth.keypoints;
  const head = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
  const errors = COCO_KEYPOINTS.filter((part) => truth.keypoints[part].visible).map((part) => {
    const { x, y } = person.body_parts[part];
    return Math.hypot(x - truth.keypoints[part].x, y - truth.keypoints[part].y) / head;
  });
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.1);
});

describe('a network that finds people', () => {
  test.each<[OwnNetworkKind, KeypointSet]>([
    ['yolo-pose', 'coco-17'],
    ['yolo-pose-nms', 'halpe-26'],
    ['rtmo', 'coco-17'],
  ])('%s with %s says who is where', async (kind, set) => {
    using client = await create(kind, set, { isOpen: kind === 'rtmo' });
    const { person_info, debug } = await client.bodyAnalysis(nobody, { debug: true });
    expect(person_info).toHaveLength(1);
    const [person] = person_info;
    if (!person) throw new Error('one was counted');
    expect(Object.keys(person.body_parts).toSorted()).toEqual([...BODY_PARTS].toSorted());
    expect(person.location.score).toBeCloseTo(0.95, 2);
    const cell = (CELL.picture * 640) / SIZES.picture.width;
    for (const [index, part] of KEYPOINT_SETS[set].entries()) {
      if (part === null) continue;
      const move = moveOf(index);
      expect(person.body_parts[part], part).toMatchObject({
        x: SPOTS.picture.x + cell * move.x,
        y: SPOTS.picture.y + cell * move.y,
        score: expect.closeTo(0.9, 4),
      });
    }
    expect(debug.persons[0]?.networks).toEqual(['own', 'blazepose']);
  });
});

describe('what is wrong', () => {
  const codeOf = async (answer: Promise<unknown>): Promise<string> => {
    const error: unknown = await answer.catch((reason: unknown) => reason);
    return error instanceof BodyAnalysisError ? error.code : String(error);
  };

  test('with its numbers is an error of that picture alone, and a video is refused', async () => {
    using client = await create('heatmap', 'coco-17', { isBroken: true });
    const recovered: unknown[] = [];
    client.addEventListener('recovered', (event) => recovered.push(event));
    await expect(client.bodyAnalysis(someone)).rejects.toMatchObject({
      code: 'model-format',
      message: expect.stringMatching(/^blob:.* gives NaN or Infinity as heatmaps\. Correct `kind`/),
    });
    expect((await client.bodyAnalysis(plain)).person_num).toBe(1);
    expect(recovered).toEqual([]);
    const video = client.track(new ReadableStream<VideoFrame>());
    await expect(video.next()).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/options\.landmarks is for photos/),
    });
  });

  test('with the file is told by each call, and with the options before anything is loaded', async () => {
    const good = smallNetwork('heatmap', { keypoints: 17, ...SIZES.person });
    const landmarks = { kind: 'heatmap', keypoints: 'coco-17', url: '' } as const;
    const CASES: readonly [url: string, more: object, code: string][] = [
      [addressOf(good.slice(0, -100)), {}, 'model-integrity'],
      [addressOf(good), { keypoints: 'halpe-26' }, 'model-format'],
      ['/broken/huge', {}, 'model-fetch'],
    ];
    const codes = await Promise.all(
      CASES.map(async ([url, more]) => {
        using client = await BodyAnalysisClient.create({
          ...CLIENT,
          landmarks: { ...landmarks, ...more, url },
        });
        return [await codeOf(client.bodyAnalysis(plain)), await codeOf(client.bodyAnalysis(plain))];
      }),
    );
    expect(codes).toEqual(CASES.map(([, , code]) => [code, code]));
    const wrong = { ...landmarks, url: '/own.onnx', keypoints: 'coco' } as unknown as OwnNetwork;
    for (const each of [wrong, { ...landmarks, url: '' }, { ...landmarks, url: '/x', input: () => {} }, 3])
      expect(await codeOf(BodyAnalysisClient.create({ ...CLIENT, landmarks: each as OwnNetwork }))).toBe(
        'invalid-option',
      );
  });
});
