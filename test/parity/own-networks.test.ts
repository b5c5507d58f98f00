import { expect, test } from 'vitest';
import { BodyAnalysisClient } from '../../src/index.ts';
import type { BodyPart } from '../../src/index.ts';
import { SAMPLES, sampleBlob } from '../browser/pictures.ts';

/*
 * A network that body21 does not have, through the whole client: EfficientPose, with 16 keypoints of MPII, in
 * an order of its own.
 */

const KEYPOINTS: readonly (BodyPart | null)[] = [
  'top_head',
  'neck',
  'right_shoulder',
  'right_elbow',
  'right_wrist',
  null,
  'left_shoulder',
  'left_elbow',
  'left_wrist',
  null,
  'right_hip',
  'right_knee',
  'right_ankle',
  'left_hip',
  'left_knee',
  'left_ankle',
];

test('EfficientPose places its points, head and neck among them', async () => {
  using client = await BodyAnalysisClient.create({
    backend: 'wasm',
    warmUp: false,
    landmarks: {
      url: '/own-models/efficientpose.onnx',
      kind: 'heatmap',
      anchor: 'middle',
      keypoints: KEYPOINTS,
    },
  });
  for (const id of ['stand', 'walk', 'yoga']) {
    const [truth] = SAMPLES.find((sample) => sample.id === id)?.persons ?? [];
    const { person_info, debug } = await client.bodyAnalysis(await sampleBlob(id), { debug: true });
    const [person] = person_info;
    if (!truth || !person) throw new Error(`${id} has one person`);
    expect(debug.persons[0]?.networks).toContain('own');
    const { top_head, neck } = truth.keypoints;
    const head = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
    const errors = KEYPOINTS.flatMap((part) => {
      if (part === null || !truth.keypoints[part].visible) return [];
      const { x, y } = person.body_parts[part];
      return [Math.hypot(x - truth.keypoints[part].x, y - truth.keypoints[part].y) / head];
    });
    expect(errors.length).toBeGreaterThan(5);
    // By half a cell otherwise than it was trained with, they are off by .15.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length, id).toBeLessThan(0.11);
    for (const part of ['top_head', 'neck'] as const) {
      const { x, y } = person.body_parts[part];
      const { x: trueX, y: trueY } = truth.keypoints[part];
      expect(Math.hypot(x - trueX, y - trueY) / head, `${part} of ${id}`).toBeLessThan(0.25);
    }
  }
});
