import { describe, expect, test } from 'vitest';
import manifest from '../../models/manifest.json';
import { BLAZEPOSE } from '../../src/networks/blazepose.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import type { Network } from '../../src/networks/network.ts';
import { POSE_DETECTOR } from '../../src/networks/pose-detector.ts';
import { bodiesOutput, moveNetOutput, posesOutput } from '../support/bodies.ts';
import { fileOf } from '../../src/runtime/files/assets.ts';
import { Downloads } from '../../src/runtime/files/network-files.ts';

const ALL = new Map<string, Network>(
  [POSE_DETECTOR, NANODET, MOVENET, ...Object.values(BLAZEPOSE)].map((network) => [network.file, network]),
);

function entryOf(file: string) {
  const entry = manifest.models.find((model) => model.file === `${file}.onnx`);
  if (!entry) throw new Error(`the manifest has no ${file}`);
  return entry;
}

describe('what the descriptions say is what the files have', () => {
  test.each([...ALL.keys()])('%s', (file) => {
    const network = ALL.get(file);
    if (!network) throw new Error(`no network ${file}`);
    const { input, outputs, head } = network;
    const { inputs, outputs: given } = entryOf(file);
    expect(inputs).toEqual([{ name: 'image', shape: [1, 3, input.side, input.side] }]);
    expect(given.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...outputs, ...(head?.reads ?? [])]),
    );
    expect(fileOf(file)).toBe(`${file}.onnx.planes.gz`);
    if (!head) return;
    const second = entryOf(head.file);
    expect(second.inputs.map(({ name }) => name)).toEqual(head.reads);
    expect(second.outputs.map(({ name }) => name)).toEqual(expect.arrayContaining([...head.outputs]));
    expect(fileOf(head.file)).toBe(`${head.file}.onnx.planes.gz`);
  });

  test('and a name that no file has is told of', () => {
    expect(() => fileOf('nobody')).toThrow('nobody');
  });
});

test('what is to be loaded is counted with its heads, where it is told of', () => {
  const bytesOf = (...files: string[]) => files.reduce((sum, file) => sum + entryOf(file).packedBytes, 0);
  const downloads = new Downloads('https://example.com/');
  expect(downloads.totalBytes).toBe(0);
  downloads.tellOf(BLAZEPOSE.lite);
  expect(downloads.totalBytes).toBe(bytesOf('pose_landmark_lite', 'pose_mask_lite'));
  downloads.tellOf(POSE_DETECTOR);
  expect(downloads.totalBytes).toBe(bytesOf('pose_detector', 'pose_landmark_lite', 'pose_mask_lite'));
  downloads.tellReady();
  expect(downloads.totalBytes).toBe(0);
});

describe('two runs of BlazePose', () => {
  const output = (change: (landmarks: Float32Array) => void = () => {}, flag = 0.9) => {
    const landmarks = new Float32Array(195).fill(100);
    change(landmarks);
    const [heatmap, world] = [new Float32Array(), new Float32Array()];
    return { landmarks, flag: Float32Array.of(flag), heatmap, world };
  };

  test.each([
    [
      'are the same with a landmark less than half a pixel off',
      output((l) => (l[6] = 100.4)),
      0.8,
      /0\.4 px/,
    ],
    ['are not with one three pixels off', output((l) => (l[5] = 97)), 6, /^landmarks are off by 3\.0 px$/],
    ['are, whatever z and the logits are', output((l) => l.fill(7, 2, 5)), 0, /0\.0 px/],
    [
      'are not where the flag is another',
      output(undefined, 0.88),
      2,
      /^the probability of a person is off by 0\.02$/,
    ],
    ['are not where a number is none', output((l) => (l[0] = NaN)), NaN, /no numbers/],
    ['are not where the flag is no number', output(undefined, NaN), NaN, /no numbers/],
  ])('%s', (_what, seen, share, words) => {
    const difference = BLAZEPOSE.lite.compare(seen, output());
    expect(difference?.share).toEqual(Number.isNaN(share) ? NaN : expect.closeTo(share, 4));
    expect(difference?.words).toMatch(words);
  });
});

describe('two runs of another network', () => {
  const region = { centreX: 100, centreY: 100, size: 200, rotation: 0 };
  const poseDetector = () => posesOutput([{ hips: [0.5, 0.6], edge: [0.5, 0.2] }]);
  const nanoDet = () => bodiesOutput([{ left: 60, top: 20, width: 80, height: 160 }], region);
  const moveNet = () => moveNetOutput(() => [0.4, 0.6]);
  const shift = (by: number) => (value: number) => value + by;

  test('are the same where they are', () => {
    expect(POSE_DETECTOR.compare(poseDetector(), poseDetector()).share).toBe(0);
    expect(NANODET.compare(nanoDet(), nanoDet()).share).toBe(0);
    expect(MOVENET.compare(moveNet(), moveNet()).share).toBe(0);
  });

  test.each([
    ['scores', 0.01, 1],
    ['scores', 9, Infinity],
    ['boxes', 0.5, 1],
    ['boxes', 3, Infinity],
  ] as const)('of the pose detector with %s off by %f', (output, by, most) => {
    const wanted = poseDetector();
    const { share } = POSE_DETECTOR.compare({ ...wanted, [output]: wanted[output].map(shift(by)) }, wanted);
    expect(share).toBeLessThanOrEqual(most);
    if (most > 1) expect(share).toBeGreaterThan(1);
  });

  test.each([
    ['scores_8', 0.02, 1],
    ['scores_32', 0.05, Infinity],
    // Softmax does not see it.
    ['boxes_8', 1, 1],
  ] as const)('of NanoDet with %s off by %f', (output, by, most) => {
    const wanted = nanoDet();
    const { share } = NANODET.compare({ ...wanted, [output]: wanted[output].map(shift(by)) }, wanted);
    expect(share).toBeLessThanOrEqual(most);
    if (most > 1) expect(share).toBeGreaterThan(1);
  });

  test.each([
    ['heatmaps', 0.02, 1],
    ['heatmaps', -5, Infinity],
    ['regressions', 0.4, 1],
    ['regressions', 1, Infinity],
    ['centre', -5, Infinity],
    ['offsets', 0.1, 1],
    ['offsets', 0.3, Infinity],
  ] as const)('of MoveNet with %s off by %f', (output, by, most) => {
    const wanted = moveNet();
    const { share } = MOVENET.compare({ ...wanted, [output]: wanted[output].map(shift(by)) }, wanted);
    expect(share).toBeLessThanOrEqual(most);
    if (most > 1) expect(share).toBeGreaterThan(1);
  });

  test('are not where everything is zero, or no number, or missing', () => {
    for (const broken of [0, Number.NaN]) {
      const all = <Name extends string>(outputs: Record<Name, Float32Array>) =>
        Object.fromEntries(
          Object.entries<Float32Array>(outputs).map(([name, values]) => [name, values.map(() => broken)]),
        ) as Record<Name, Float32Array>;
      const shares = [
        POSE_DETECTOR.compare(all(poseDetector()), poseDetector()).share,
        NANODET.compare(all(nanoDet()), nanoDet()).share,
        MOVENET.compare(all(moveNet()), moveNet()).share,
      ];
      // NaN is not the same either.
      expect(shares.map((share) => share <= 1)).toEqual([false, false, false]);
    }
    const cut = { ...moveNet(), offsets: new Float32Array() };
    expect(MOVENET.compare(cut, moveNet()).share).toBeNaN();
  });
});
