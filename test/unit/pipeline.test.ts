import { describe, expect, test } from 'vitest';
import { oks, withoutDuplicates } from '../../src/pipeline/duplicates.ts';
import { candidatesBeside, candidatesOf } from '../../src/pipeline/photo/candidates.ts';
import { fuseParts, fusePoses } from '../../src/pipeline/fusion.ts';
import { neckOf } from '../../src/pipeline/head-and-neck.ts';
import type { View } from '../../src/pipeline/fusion.ts';
import {
  boxAround,
  boxIou,
  normaliseAngle,
  pictureToRegion,
  regionToPicture,
} from '../../src/networks/geometry.ts';
import type { Box, PictureSize, Point, Region } from '../../src/networks/geometry.ts';
import { BLAZEPOSE, decodePose, LANDMARK_COUNT } from '../../src/networks/blazepose.ts';
import type { LandmarkOutput } from '../../src/networks/blazepose.ts';
import { decodeMoveNet, MOVENET, MOVENET_KEYPOINTS } from '../../src/networks/movenet.ts';
import type { MoveNetKeypoint, MoveNetPose } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import {
  ANCHORS,
  decodeDetections,
  mergeDetections,
  POSE_DETECTOR,
} from '../../src/networks/pose-detector.ts';
import type { Detection } from '../../src/networks/pose-detector.ts';
import { landmarkRegion } from '../../src/pipeline/photo/hypotheses.ts';
import type { Networks } from '../../src/pipeline/networks.ts';
import { personInfo as answer } from '../../src/pipeline/answer.ts';
import { personOfPose } from '../../src/pipeline/parts.ts';
import type { Person } from '../../src/pipeline/person.ts';
import type { Hypothesis } from '../../src/pipeline/photo/hypotheses.ts';
import { locate } from '../../src/pipeline/location.ts';
import { areaOf, wholeOf } from '../../src/pipeline/area.ts';
import { teller } from '../../src/pipeline/photo/telling.ts';
import { CallProgress } from '../../src/worker/progress.ts';
import { analysePhoto } from '../../src/pipeline/photo/analysis.ts';
import type { Photo, PhotoAnalysis, PhotoOptions } from '../../src/pipeline/photo/analysis.ts';
import type { OnStep } from '../../src/pipeline/photo/evidence.ts';
import { PLANS } from '../../src/pipeline/photo/qualities.ts';
import type { PhotoPlan } from '../../src/pipeline/photo/qualities.ts';
import { auxiliaryRegion, bodyRegion } from '../../src/pipeline/region.ts';
import {
  keypointScore,
  locationScore,
  VALID_LANDMARK_SCORE,
  VALID_PERSON_SCORE,
} from '../../src/pipeline/scores.ts';
import { maskBox } from '../../src/pipeline/mask.ts';
import { detectionSquares, letterbox } from '../../src/pipeline/squares.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { LANDMARK_MODELS, QUALITIES } from '../../src/schema/loading.ts';
import type { Extra, FoundPerson, PersonInfo } from '../../src/schema/result.ts';
import { bodiesOutput, moveNetOutput, posesOutput } from '../support/bodies.ts';
import { LANDMARK_OF_COCO, landmarkOutput, standing } from '../support/landmarks.ts';
import { fake, fakeNetworks } from '../support/networks.ts';
import { Random } from '../support/pictures/random.ts';

const REGION = { centreX: 500, centreY: 400, size: 600, rotation: 0 };

function personInfo(person: Person, picture: PictureSize, extras: Extra[] = []) {
  return answer(person, picture, { model: 'full', extras });
}

function figure(region = REGION, peak = 6): Person {
  return personOfPose(decodePose(landmarkOutput(standing, peak), region));
}

describe('geometry', () => {
  test('angles come back in [−π, π)', () => {
    expect(normaliseAngle(3 * Math.PI)).toBeCloseTo(-Math.PI);
    expect(normaliseAngle(-0.5)).toBeCloseTo(-0.5);
    expect(normaliseAngle(2 * Math.PI + 0.25)).toBeCloseTo(0.25);
  });

  test('a region turned by 90° has its top on the right', () => {
    const point = regionToPicture({ centreX: 100, centreY: 50, size: 20, rotation: Math.PI / 2 }, 0.5, 0);
    expect(point.x).toBeCloseTo(110);
    expect(point.y).toBeCloseTo(50);
  });

  test('the letterbox holds the whole picture', () => {
    expect(letterbox(wholeOf({ width: 300, height: 100 }))).toEqual({
      centreX: 150,
      centreY: 50,
      size: 300,
      rotation: 0,
    });
  });

  test('a long picture is looked at in pieces too, which cover it to both ends', () => {
    expect(detectionSquares(wholeOf({ width: 300, height: 100 }))).toEqual([
      letterbox(wholeOf({ width: 300, height: 100 })),
    ]);
    for (const [width, height] of [
      [5000, 100],
      [100, 5000],
      [310, 100],
    ] as const) {
      const [whole, ...pieces] = detectionSquares(wholeOf({ width, height }));
      expect(whole).toEqual(letterbox(wholeOf({ width, height })));
      const along = pieces.map(({ centreX, centreY }) => (width > height ? centreX : centreY));
      expect(along[0]).toBe(100);
      expect(along.at(-1)).toBeCloseTo(Math.max(width, height) - 100);
      for (const [index, at] of along.slice(1).entries())
        expect(at - (along[index] ?? 0)).toBeLessThanOrEqual(100);
    }
  });

  test('a strip too narrow to show anyone is looked at once', () => {
    expect(detectionSquares(wholeOf({ width: 4096, height: 15 }))).toEqual([
      letterbox(wholeOf({ width: 4096, height: 15 })),
    ]);
  });

  test('even the longest picture is a bounded number of pieces', () => {
    for (const [width, height] of [
      [16_384, 40],
      [40, 16_384],
      [5000, 100],
    ] as const) {
      const pieces = detectionSquares(wholeOf({ width, height })).slice(1);
      expect(pieces.length).toBeGreaterThan(40);
      expect(pieces.length).toBeLessThan(60);
    }
  });

  test('intersection over union', () => {
    const box = { left: 0, top: 0, width: 2, height: 2 };
    expect(boxIou(box, { left: 1, top: 0, width: 2, height: 2 })).toBeCloseTo(1 / 3);
    expect(boxIou(box, { left: 5, top: 5, width: 2, height: 2 })).toBe(0);
  });
});

describe('the detector', () => {
  test('has the 2254 anchors of the reference, row by row', () => {
    expect(ANCHORS).toHaveLength(2 * 2254);
    // Stride 8 begins at half a cell of 28, two anchors a cell; stride 16 after 28²·2; stride 32 at the end.
    expect([...ANCHORS.subarray(0, 6)]).toEqual(
      [0.5 / 28, 0.5 / 28, 0.5 / 28, 0.5 / 28, 1.5 / 28, 0.5 / 28].map(Math.fround),
    );
    expect(ANCHORS[2 * 1568]).toBeCloseTo(0.5 / 14);
    expect(ANCHORS[2 * 1960]).toBeCloseTo(0.5 / 7);
    expect(ANCHORS.at(-1)).toBeCloseTo(6.5 / 7);
  });

  test('decodes a box and its keypoints around the anchor, in picture pixels', () => {
    const boxes = new Float32Array(2254 * 12);
    const scores = new Float32Array(2254).fill(-100);
    const anchor = 1960; // the first of stride 32, at (1/14, 1/14)
    scores[anchor] = 2;
    boxes.set([22.4, 0, 44.8, 44.8, 0, 22.4, 0, -22.4], anchor * 12);
    const region = { centreX: 100, centreY: 100, size: 200, rotation: 0 };
    const [found, ...others] = decodeDetections({ boxes, scores }, region, 0.5);
    expect(others).toEqual([]);
    expect(found?.score).toBeCloseTo(1 / (1 + Math.exp(-2)));
    expect(found?.face.width).toBeCloseTo(40);
    expect(found?.face.left).toBeCloseTo((1 / 14 + 0.1) * 200 - 20);
    expect(found?.hips.y).toBeCloseTo((1 / 14 + 0.1) * 200);
    expect(found?.bodyEdge.y).toBeCloseTo((1 / 14 - 0.1) * 200, 4);
  });

  test('merges overlapping faces by their scores and keeps the best score', () => {
    const at = (left: number, score: number): Detection => ({
      score,
      face: { left, top: 0, width: 10, height: 10 },
      hips: { x: left, y: 30 },
      bodyEdge: { x: left, y: 0 },
    });
    const merged = mergeDetections([at(100, 0.3), at(0, 0.4), at(1, 0.8)], 0.3);
    expect(merged).toHaveLength(2);
    expect(merged[0]?.score).toBe(0.8);
    expect(merged[0]?.face.left).toBeCloseTo(0.8 / 1.2);
    expect(merged[1]?.hips.x).toBeCloseTo(100);
  });
});

describe('what detectors look at of a rectangle', () => {
  const size = { width: 1000, height: 800, originalWidth: 1000, originalHeight: 800 };

  test('has a margin, and a tiny one surroundings enough to be told from', () => {
    const around = (left: number, top: number, width: number, height: number) =>
      areaOf(size, { left, top, width, height }).searched;
    expect(around(400, 300, 200, 400)).toEqual({ left: 300, top: 200, width: 400, height: 600 });
    expect(around(500, 300, 20, 40)).toEqual({ left: 440, top: 240, width: 140, height: 160 });
    expect(around(0, 0, 20, 40)).toEqual({ left: 0, top: 0, width: 80, height: 100 });
  });
});

describe('the region of a body', () => {
  test('is upright for an upright person, 1.25 times the circle around the hips', () => {
    expect(bodyRegion({ x: 50, y: 80 }, { x: 50, y: 40 })).toEqual({
      centreX: 50,
      centreY: 80,
      size: 100,
      rotation: 0,
    });
  });

  test('turns with the person', () => {
    expect(bodyRegion({ x: 0, y: 0 }, { x: 10, y: 0 }).rotation).toBeCloseTo(Math.PI / 2);
    expect(Math.abs(bodyRegion({ x: 0, y: 0 }, { x: 0, y: 10 }).rotation)).toBeCloseTo(Math.PI);
  });
});

describe('landmarks', () => {
  test('move onto the heatmap peak near them, and stay where there is none', () => {
    const output = landmarkOutput(() => [0.5, 0.5]);
    // Landmark 0: its peak lies two cells to the right. Landmark 1: too weak a peak.
    output.heatmap.fill(-20, 0, 2 * 4096);
    output.heatmap[32 * 64 + 34] = 8;
    output.heatmap[4096 + 32 * 64 + 34] = -1;
    const region = { centreX: 32, centreY: 32, size: 64, rotation: 0 };
    const pose = decodePose(output, region);
    expect(pose.landmarks[0]?.x).toBeCloseTo(34, 3);
    expect(pose.landmarks[0]?.peak).toBeCloseTo(1 / (1 + Math.exp(-8)));
    expect(pose.landmarks[1]).toMatchObject({ x: 32, y: 32 });
    expect(pose.landmarks[1]?.peak).toBeCloseTo(1 / (1 + Math.exp(1)));
  });

  test('outside the region are left alone', () => {
    const pose = decodePose(
      landmarkOutput(() => [1.2, -0.1]),
      { centreX: 50, centreY: 50, size: 100, rotation: 0 },
    );
    expect(pose.landmarks[0]?.x).toBeCloseTo(120, 4);
    expect(pose.landmarks[0]?.y).toBeCloseTo(-10, 4);
  });
});

describe('a person', () => {
  test('has its neck between shoulders and ears, and the top of the head above the eyes', () => {
    const pose = decodePose(landmarkOutput(standing), REGION);
    const { parts } = personOfPose(pose);
    const middle = (a: number, b: number) =>
      ((pose.landmarks[a]?.y ?? NaN) + (pose.landmarks[b]?.y ?? NaN)) / 2;
    const [shoulders, ears, eyes, mouth] = [middle(11, 12), middle(7, 8), middle(2, 5), middle(9, 10)];
    expect(parts.neck.y).toBeLessThan(shoulders + 0.2 * (ears - shoulders));
    expect(parts.neck.y).toBeGreaterThan(shoulders + 0.5 * (ears - shoulders));
    expect(parts.top_head.y).toBeLessThan(eyes - (mouth - eyes) / 2);
    expect(parts.top_head.y).toBeGreaterThan(eyes - (shoulders - eyes));
    expect(parts.left_shoulder.x).toBeGreaterThan(parts.right_shoulder.x);
  });

  test('has its hips further apart and higher than the model says', () => {
    const pose = decodePose(landmarkOutput(standing), REGION);
    const { parts } = personOfPose(pose);
    const width = (pose.landmarks[23]?.x ?? NaN) - (pose.landmarks[24]?.x ?? NaN);
    expect(parts.left_hip.x - parts.right_hip.x).toBeGreaterThan(1.05 * width);
    expect(parts.left_hip.x - parts.right_hip.x).toBeLessThan(1.4 * width);
    expect(parts.left_hip.y).toBeLessThan(pose.landmarks[23]?.y ?? NaN);
  });

  test('has its neck near that of the cloud API’s own example', () => {
    // Shoulders, ears and neck of the documented example answer.
    const shoulders = { x: (699.3125 + 553.90625) / 2, y: (361.5 + 348.28125) / 2 };
    const ears = { x: (659.65625 + 593.5625) / 2, y: (295.40625 + 282.1875) / 2 };
    const pose = decodePose(landmarkOutput(standing), REGION);
    for (const [index, { x, y }] of Object.entries({ 7: ears, 8: ears, 11: shoulders, 12: shoulders })) {
      Object.assign(pose.landmarks[Number(index)] ?? {}, { x, y });
    }
    // The head there is 100 pixels high, and annotators differ by more than 2.
    expect(Math.abs(personOfPose(pose).parts.neck.y - 335.0625)).toBeLessThan(2.5);
  });

  test('is clamped to the picture, and scaled to the original', () => {
    const picture = { width: 520, height: 600, originalWidth: 1040, originalHeight: 1200 };
    const info = personInfo(figure(), picture);
    expect(Object.keys(info.body_parts).toSorted()).toEqual([...BODY_PARTS].toSorted());
    // The left shoulder lies at x = 560 of 520.
    expect(info.body_parts.left_shoulder.x).toBe(1040);
    expect(info.body_parts.left_ankle.y).toBe(1200);
    const { left, top, width, height } = info.location;
    expect(left).toBeGreaterThanOrEqual(0);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(left + width).toBeLessThanOrEqual(1040);
    expect(top + height).toBeLessThanOrEqual(1200);
  });

  test('is not seen where the picture does not show it: what lies on the edge scores less the further out it was found', () => {
    const person = figure();
    const picture = { width: 900, height: 900, originalWidth: 900, originalHeight: 900 };
    const scoreAt = (x: number) => {
      const parts = { ...person.parts, left_wrist: { ...person.parts.left_wrist, x, peak: 1 } };
      const info = personInfo({ ...person, parts }, picture);
      expect(info.body_parts.left_wrist.x).toBe(Math.min(x, picture.width));
      return info.body_parts.left_wrist.score;
    };
    const { top_head, neck } = person.parts;
    const head = Math.hypot(top_head.x - neck.x, top_head.y - neck.y);
    const inside = scoreAt(picture.width - 1);
    // A point at the very edge may be found a little beyond it.
    expect(scoreAt(picture.width + 0.03 * head)).toBeGreaterThan(0.8 * inside);
    expect(scoreAt(picture.width + 0.34 * head)).toBeLessThan(0.2);
    expect(scoreAt(picture.width + 3 * head)).toBeLessThan(0.01);
  });

  test('scores rise with the evidence and stay probabilities', () => {
    for (const seenBy of ['blazepose', 'both'] as const) {
      for (const model of LANDMARK_MODELS) {
        const valid = seenBy === 'both' ? VALID_PERSON_SCORE : VALID_LANDMARK_SCORE[model];
        // The documented filter keeps boxes over .03.
        expect(locationScore({ score: valid, seenBy }, model)).toBeCloseTo(0.03, 3);
        expect(locationScore({ score: 1, seenBy }, model)).toBe(1);
        const scores = [0.25, 0.5, 1, 1.5].map((share) =>
          locationScore({ score: share * valid, seenBy }, model),
        );
        for (const [index, score] of scores.entries()) {
          expect(score).toBeGreaterThan(scores[index - 1] ?? 0);
          expect(score).toBeLessThan(1);
        }
      }
      expect(keypointScore(0.95, { score: 0.9, seenBy })).toBeGreaterThan(0.7);
      expect(keypointScore(0.05, { score: 0.5, seenBy })).toBeLessThan(0.3);
    }
    expect(figure(REGION, 6).score).toBeGreaterThan(figure(REGION, 0.5).score);
  });
});

describe('a pose in a mirror', () => {
  test('comes back with its sides in place', () => {
    const plain = decodePose(landmarkOutput(standing), REGION);
    // What the model sees in a mirror: left and right have changed sides, and so have the landmarks' names.
    const mirrored = decodePose(landmarkOutput(standing), { ...REGION, mirrored: true });
    for (const index of [0, 2, 5, 11, 12, 15, 16, 27, 28]) {
      // Half a heatmap cell: the centroid has no half-pixel, and a mirror turns its sign.
      expect(
        Math.abs((mirrored.landmarks[index]?.x ?? NaN) - (plain.landmarks[index]?.x ?? NaN)),
      ).toBeLessThan(REGION.size / 64 + 1);
      expect(mirrored.landmarks[index]?.y).toBeCloseTo(plain.landmarks[index]?.y ?? NaN);
    }
  });
});

describe('several looks at one person', () => {
  const pose = (dx: number, peak: number) =>
    decodePose(
      landmarkOutput((index) => {
        // The auxiliary points: a circle around the middle that reaches the region's top.
        if (index === 33) return [0.5, 0.5];
        if (index === 34) return [0.5, 0.1];
        return [0.3 + dx, 0.5];
      }, peak),
      REGION,
    );

  test('agree on the mode, not on the mean', () => {
    const fused = fusePoses([pose(0, 4), pose(0.001, 4), pose(0.4, 4)]);
    expect(fused.landmarks[11]?.x).toBeCloseTo(pose(0, 4).landmarks[11]?.x ?? NaN, -1);
  });

  test('follow the one that is sure', () => {
    const sure = pose(0.4, 6);
    const fused = fusePoses([pose(0, -3), sure]);
    expect(fused.landmarks[11]?.x).toBeCloseTo(sure.landmarks[11]?.x ?? NaN, 0);
  });

  test('use the region that the pose asks for', () => {
    const { centreX, centreY, size } = auxiliaryRegion(pose(0, 4));
    expect(Math.abs(centreX - 500)).toBeLessThan(10);
    expect(Math.abs(centreY - 400)).toBeLessThan(10);
    expect(Math.abs(size - 2 * 0.4 * 600 * 1.25)).toBeLessThan(20);
  });
});

describe('extras', () => {
  const picture = { width: 200, height: 100, originalWidth: 400, originalHeight: 200 };
  const region = { centreX: 100, centreY: 50, size: 80, rotation: Math.PI / 2 };

  /** A pose whose mask is the upper half of the region: turned by 90°, the picture's right. */
  function masked(): Person {
    const output = landmarkOutput(standing);
    output.landmarks.set([128, 128, 64, 2, -2], 0);
    output.world.set([0.5, 0, 0.1], 0);
    const mask = new Float32Array(256 * 256).map((_, index) => (index < 128 * 256 ? 900 : -900));
    return personOfPose(decodePose({ ...output, mask }, region));
  }

  test('are absent unless asked for', () => {
    expect(personInfo(masked(), picture)).not.toHaveProperty('extras');
    expect(Object.keys(personInfo(masked(), picture, ['world3d']).extras ?? {})).toEqual(['world3d']);
  });

  test('landmarks are in the original’s pixels, with the model’s own probabilities', () => {
    const nose = personInfo(masked(), picture, ['landmarks33']).extras?.landmarks33?.[0];
    expect(nose).toMatchObject({ x: 200, y: 100, z: 40 });
    expect(nose?.visibility).toBeCloseTo(1 / (1 + Math.exp(-2)));
    expect(nose?.presence).toBeCloseTo(1 / (1 + Math.exp(2)));
  });

  test('world points are turned back with the region', () => {
    const points = personInfo(masked(), picture, ['world3d']).extras?.world3d;
    expect(points).toHaveLength(33);
    expect(points?.[0]).toEqual({ x: 0, y: 0.5, z: 0.1 });
  });

  test('of a pose seen in a mirror are on the sides that they would be without', () => {
    const output = landmarkOutput(standing);
    output.world.set([0.3, 0.2, 0.1], 3 * 11);
    output.landmarks[11 * 5 + 3] = 2;
    const mirrored = decodePose(output, { ...REGION, mirrored: true });
    const wanted: Extra[] = ['world3d', 'landmarks33'];
    const { world3d, landmarks33 } = personInfo(personOfPose(mirrored), picture, wanted).extras ?? {};
    // The model’s left shoulder is the body’s right one.
    expect(world3d?.[12]).toEqual({ x: -0.3, y: 0.2, z: 0.1 });
    expect(landmarks33?.[12]?.visibility).toBeCloseTo(1 / (1 + Math.exp(-2)));
  });

  test('the mask is the person’s run-length encoding over the whole picture', () => {
    const mask = personInfo(masked(), picture, ['mask']).extras?.mask;
    expect(mask?.size).toEqual([200, 400]);
    expect(mask?.counts.reduce((sum, run) => sum + run, 0)).toBe(400 * 200);
    // Every second run is the person's.
    const area =
      mask?.counts.filter((_run, index) => index % 2 === 1).reduce((sum, run) => sum + run, 0) ?? 0;
    expect(area / (80 * 160)).toBeCloseTo(1, 1);
    let at = 0;
    for (const [index, run] of (mask?.counts ?? []).entries()) {
      // Column by column: the person's columns are the right half of the region, x from 200 to 280.
      if (index % 2 === 1) {
        expect(Math.floor(at / 200)).toBeGreaterThanOrEqual(199);
        expect(Math.floor((at + run - 1) / 200)).toBeLessThanOrEqual(280);
        expect(at % 200).toBeGreaterThanOrEqual(19);
      }
      at += run;
    }
  });
});

describe('the mask', () => {
  const region = { centreX: 100, centreY: 100, size: 100, rotation: 0 };
  const parts = [
    { x: 80, y: 80 },
    { x: 120, y: 120 },
  ];
  const mask = (inside: (x: number, y: number) => boolean) =>
    Float32Array.from({ length: 256 * 256 }, (_, at) =>
      inside(50 + ((at % 256) + 0.5) / 2.56, 50 + (Math.floor(at / 256) + 0.5) / 2.56) ? 5 : -5,
    );

  test('gives the box, without what lies far from the parts', () => {
    // Someone from 70 to 130, and someone else further right.
    const logits = mask((x, y) => Math.abs(y - 100) < 25 && (Math.abs(x - 100) < 30 || x > 140));
    const box = maskBox({ region, logits }, parts);
    expect(box?.left).toBeCloseTo(70, 0);
    expect((box?.left ?? 0) + (box?.width ?? 0)).toBeCloseTo(130, 0);
    expect(box?.top).toBeCloseTo(75, 0);
    // Cells are squares, not points: 64 of 256 are a quarter of the region.
    const quarter = Float32Array.from({ length: 256 * 256 }, (_, at) => (at % 256 < 64 ? 5 : -5));
    const around = maskBox({ region, logits: quarter }, [
      { x: 50, y: 50 },
      { x: 150, y: 150 },
    ]);
    expect(around).toEqual({ left: 50, top: 50, width: 25, height: 100 });
  });

  test('is turned and mirrored with its region', () => {
    const logits = mask((x, y) => x > 100 && Math.abs(y - 100) < 10);
    const mirrored = maskBox({ region: { ...region, mirrored: true }, logits }, parts);
    expect((mirrored?.left ?? 0) + (mirrored?.width ?? 0)).toBeCloseTo(100, 0);
    const turned = maskBox({ region: { ...region, rotation: Math.PI / 2 }, logits }, parts);
    expect(turned?.top).toBeCloseTo(100, 0);
    expect(turned?.width).toBeCloseTo(20, 0);
  });

  test('gives the box between it and the body that NanoDet saw, or that body where the two are far apart', () => {
    const picture = { width: 1000, height: 1000, originalWidth: 1000, originalHeight: 1000 };
    const person = figure();
    const { left, top, width, height } = person.box;
    const same = { left: left - 10, top: top - 20, width: width + 30, height: height + 20, score: 0.8 };
    const other = { left: left + width / 2, top, width, height, score: 0.8 };
    expect(locate(person, picture).width).toBeCloseTo(width);
    expect(locate({ ...person, bodies: [] }, picture).width).toBeCloseTo(width);
    expect(locate({ ...person, bodies: [other] }, picture).left).toBeCloseTo(other.left);
    const box = locate({ ...person, bodies: [other, same] }, picture);
    expect(box.left).toBeCloseTo(left - 8);
    expect(box.top).toBeCloseTo(top - 16);
    expect(box.left + box.width).toBeCloseTo(left + width + 16);
    expect(box.top + box.height).toBeCloseTo(top + height);
    // The less sure the body, the nearer to the mask.
    const lessSure = locate({ ...person, bodies: [{ ...same, score: 0.3 }] }, picture);
    expect(lessSure.left).toBeCloseTo(left - 3);
    // Of bodies that agree less and less, there is no jump to the body.
    const lefts = Array.from({ length: 40 }, (_, step) => {
      const body = { left: left + (width * step) / 80, top, width, height, score: 0.4 };
      return locate({ ...person, bodies: [body] }, picture).left;
    });
    const steps = lefts.slice(1).map((each, index) => each - (lefts[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(width / 16);
    // Of two that agree, the surer one.
    const unsure = { ...person.box, score: 0.2 };
    expect(locate({ ...person, bodies: [unsure, same] }, picture)).toEqual(box);
  });

  test('says where the head ends, rather than the body, and whose body it is with the parts', () => {
    const picture = { width: 1000, height: 1000, originalWidth: 1000, originalHeight: 1000 };
    const person = figure();
    const { left, top, width, height } = person.box;
    const shown = { centreX: left + width / 2, centreY: top + height / 2, size: 2 * height, rotation: 0 };
    const inMask = (isIn: (x: number, y: number) => boolean) => ({
      region: shown,
      logits: Float32Array.from({ length: 256 * 256 }, (_, at) => {
        const x = shown.centreX + (((at % 256) + 0.5) / 256 - 0.5) * shown.size;
        const y = shown.centreY + ((Math.floor(at / 256) + 0.5) / 256 - 0.5) * shown.size;
        return isIn(x, y) ? 5 : -5;
      }),
    });
    const isInBox = (x: number, y: number) => x > left && x < left + width && y > top && y < top + height;
    const whole = { ...person, pose: { ...person.pose, mask: inMask(isInBox) } };
    const cell = shown.size / 256;
    const low = { left, top: top + 0.1 * height, width, height: 0.8 * height, score: 0.9 };
    const box = locate({ ...whole, bodies: [low] }, picture);
    expect(Math.abs(box.top - (top + 0.025 * height))).toBeLessThan(cell);
    expect(Math.abs(box.top + box.height - (top + 0.91 * height))).toBeLessThan(cell);
    // A mask of a bit of the floor, which both bodies have.
    const isFloor = (x: number, y: number) => isInBox(x, y) && y > top + 0.8 * height;
    const wrong = { ...person, pose: { ...person.pose, mask: inMask(isFloor) } };
    const theirs = { left, top, width, height, score: 0.5 };
    const others = { left, top: top + 0.75 * height, width: 1.5 * width, height: 0.3 * height, score: 0.5 };
    expect(locate({ ...wrong, bodies: [others, theirs] }, picture).top).toBeCloseTo(top);
  });

  test('gives no box where there is nothing', () => {
    expect(maskBox({ region, logits: mask(() => false) }, parts)).toBeUndefined();
    expect(maskBox({ region, logits: new Float32Array(256 * 256).fill(Number.NaN) }, parts)).toBeUndefined();
  });

  test('in a mirror is the same mask', () => {
    const picture = { width: 200, height: 200, originalWidth: 200, originalHeight: 200 };
    const logits = mask((x, y) => x > 110 && y > 90);
    const flipped = mask((x, y) => x < 90 && y > 90);
    const of = (mirrored: boolean, values: Float32Array) => {
      const pose = decodePose({ ...landmarkOutput(standing), mask: values }, { ...region, mirrored });
      return personInfo(personOfPose(pose), picture, ['mask']).extras?.mask;
    };
    expect(of(true, flipped)).toEqual(of(false, logits));
  });
});

describe('duplicates', () => {
  test('the same pose twice is one person, with the better score', () => {
    const strong = figure(REGION, 6);
    const weak = figure({ ...REGION, centreX: 504 }, 2);
    expect(oks(strong, strong, BODY_PARTS)).toBeCloseTo(1);
    expect(withoutDuplicates([weak, strong])).toEqual([strong]);
  });

  test('two people side by side stay two, the surer first', () => {
    const left = figure({ ...REGION, centreX: 200 }, 2);
    const right = figure(REGION, 6);
    expect(withoutDuplicates([left, right])).toEqual([right, left]);
  });
});

describe('a photo', () => {
  const picture = { width: 1000, height: 800, originalWidth: 1000, originalHeight: 800 };
  const full = { model: 'full' } as const;
  const everywhere = areaOf(picture, undefined);
  const plan: PhotoPlan = {
    loneSide: Infinity,
    minBodyScore: 0.3,
    maxBodyIou: 0.6,
    maxOks: 0.35,
    mirrored: false,
    passes: 1,
  };

  /**
   * Someone in a made-up picture, of the size of {@link standing}'s whole
   * square, the middle of the hips at (x, y).
   */
  interface Actor {
    x: number;
    y: number;
    size: number;
    /** Clockwise, from upright. */
    rotation?: number;
    /** What NanoDet sees: the whole body when absent, and each of them where there are several. */
    bodies?: readonly (Box & { score?: number })[];
    /** Whether the pose detector sees them. */
    hasFace?: boolean;
    /** Both detectors see them in squares of up to that side only: they are small. */
    seenWithin?: number;
    /** How sure MoveNet is of the points, as a logit; and how sure BlazePose is of the person. */
    logit?: number;
    flag?: number;
    /** How sure BlazePose is of the points, as a logit. */
    peak?: number;
    /** Whom BlazePose sees there. */
    takenFor?: Actor;
  }

  function pointOf({ x, y, size, rotation = 0 }: Actor, [u, v]: [u: number, v: number]): Point {
    return regionToPicture({ centreX: x, centreY: y, size, rotation }, u, v);
  }

  function bodyOf(actor: Actor): Box {
    return boxAround(MOVENET_KEYPOINTS.map((name) => pointOf(actor, standing(LANDMARK_OF_COCO[name]))));
  }

  /** A landmark's name on the body's other side, which is the one it has in a mirror. */
  function otherSide(index: number): number {
    if (index >= 1 && index <= 6) return index <= 3 ? index + 3 : index - 3;
    if (index >= 7 && index <= 32) return index % 2 === 1 ? index + 1 : index - 1;
    return index;
  }

  interface Run {
    network: string;
    region: Region;
    withHead: boolean;
  }

  /** A picture with those people as the four networks would see it, and what they were run on. */
  class Scene {
    readonly runs: Run[] = [];
    /** Regions that were looked at in one run of BlazePose, run by run. */
    readonly batches: number[] = [];
    readonly networks: Networks;
    readonly #actors: readonly Actor[];

    constructor(actors: readonly Actor[], batch = 1) {
      this.#actors = actors;
      this.networks = fakeNetworks(
        [
          fake(POSE_DETECTOR, (region) => {
            this.#note(POSE_DETECTOR, region);
            return this.#detectPoses(region);
          }),
          fake(NANODET, (region) => {
            this.#note(NANODET, region);
            const bodies = this.#seenIn(region).flatMap((actor) => actor.bodies ?? [bodyOf(actor)]);
            return bodiesOutput(bodies, region);
          }),
          fake(MOVENET, (region) => {
            this.#note(MOVENET, region);
            return this.#placeByMoveNet(region);
          }),
          fake(BLAZEPOSE.full, (region, withHead) => {
            this.#note(BLAZEPOSE.full, region, withHead);
            return this.#placeByBlazePose(region, withHead);
          }),
        ],
        {
          batch,
          onRun: (network, regions) => {
            expect(regions.length).toBeLessThanOrEqual(batch);
            if (network === BLAZEPOSE.full) this.batches.push(regions.length);
          },
        },
      );
    }

    runsOf({ file }: { file: string }): Run[] {
      return this.runs.filter(({ network }) => network === file);
    }

    #note({ file }: { file: string }, region: Region, withHead = false) {
      this.runs.push({ network: file, region, withHead });
    }

    #seenIn({ size }: Region): readonly Actor[] {
      return this.#actors.filter(({ seenWithin = Infinity }) => size <= seenWithin);
    }

    #detectPoses(region: Region) {
      const poses = this.#seenIn(region)
        .filter(({ hasFace }) => hasFace)
        .map((actor) => ({
          hips: pictureToRegion(region, pointOf(actor, [0.5, 0.5])),
          edge: pictureToRegion(region, pointOf(actor, [0.5, 0])),
        }));
      return posesOutput(poses);
    }

    #nearest({ centreX, centreY, size }: Region): Actor | undefined {
      const away = ({ x, y }: Actor) => Math.hypot(x - centreX, y - centreY);
      const near = this.#actors.filter((actor) => away(actor) < size / 3);
      return near.toSorted((a, b) => away(a) - away(b))[0];
    }

    #placeByMoveNet(region: Region) {
      const actor = this.#nearest(region);
      if (!actor) return moveNetOutput(() => [0.5, 0.5], -9);
      const { rotation = 0, logit = 4 } = actor;
      // It was trained on people who stand.
      const isTurned = Math.abs(normaliseAngle(rotation - region.rotation)) > 0.7;
      return moveNetOutput(
        (name) => {
          const index = LANDMARK_OF_COCO[name];
          const seen = region.mirrored ? otherSide(index) : index;
          return pictureToRegion(region, pointOf(actor, standing(seen)));
        },
        isTurned ? logit - 4 : logit,
      );
    }

    #placeByBlazePose(region: Region, withHead: boolean): LandmarkOutput {
      const nearest = this.#nearest(region);
      const actor = nearest?.takenFor ?? nearest;
      if (!actor) return landmarkOutput(standing, -9, 0);
      const output = landmarkOutput(
        (index) => {
          // The circle around the body: its middle and its edge.
          if (index === 33) return pictureToRegion(region, pointOf(actor, [0.5, 0.5]));
          if (index === 34) return pictureToRegion(region, pointOf(actor, [0.5, 0]));
          const seen = region.mirrored ? otherSide(index) : index;
          return pictureToRegion(region, pointOf(actor, standing(seen)));
        },
        actor.peak ?? 6,
        actor.flag,
      );
      // A mask of the middle three quarters of the region.
      const mask = Float32Array.from({ length: 256 * 256 }, (_, at) =>
        Math.abs((at % 256) - 128) < 96 ? 9 : -9,
      );
      return withHead ? { ...output, mask } : output;
    }
  }

  interface Seen extends PhotoAnalysis {
    scene: Scene;
    steps: Parameters<OnStep>[];
  }

  async function see(
    actors: readonly Actor[],
    {
      extras = [],
      batch,
      size = picture,
      region,
      maxPersons,
      onPerson,
      ...changed
    }: Partial<PhotoPlan> & {
      extras?: readonly Extra[];
      batch?: number;
      size?: Photo;
    } & Pick<PhotoOptions, 'region' | 'maxPersons' | 'onPerson'> = {},
  ): Promise<Seen> {
    const scene = new Scene(actors, batch);
    const steps: Parameters<OnStep>[] = [];
    const onStep: OnStep = (...step) => steps.push(step);
    const options = { ...full, extras, onStep, region, maxPersons, onPerson };
    return { ...(await analysePhoto(scene.networks, size, { ...plan, ...changed }, options)), scene, steps };
  }

  /** Expects everyone to be found, the surest first, with the points that are theirs. */
  function expectFound({ people }: Pick<PhotoAnalysis, 'people'>, ...actors: Actor[]) {
    expect(people).toHaveLength(actors.length);
    for (const actor of actors) {
      const wrist = pointOf(actor, standing(15));
      const ankle = pointOf(actor, standing(28));
      const offs = people.map(({ body_parts: { left_wrist, right_ankle } }) =>
        Math.max(
          Math.hypot(left_wrist.x - wrist.x, left_wrist.y - wrist.y),
          Math.hypot(right_ankle.x - ankle.x, right_ankle.y - ankle.y),
        ),
      );
      expect(Math.min(...offs)).toBeLessThan(0.03 * actor.size);
    }
  }

  const LEFT = { x: 200, y: 400, size: 300 };
  const RIGHT = { x: 700, y: 420, size: 400 };

  test('without anyone gives nobody, and nothing but the detectors is run', async () => {
    const { people, explanation, scene } = await see([]);
    expect(people).toEqual([]);
    expect(explanation.regions).toEqual([]);
    expect(scene.runs.map(({ network }) => network)).toEqual([POSE_DETECTOR.file, NANODET.file]);
  });

  test('always gives the documented answer, whatever the networks say', async () => {
    // With a seed, so that a failure can be repeated.
    const random = new Random(20_261_123);
    const odd = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 0, 1e-30];
    const any = <T>(list: readonly T[]): T => {
      const item = list[Math.floor(random.next() * list.length)];
      if (item === undefined) throw new RangeError();
      return item;
    };
    const number = (scale: number, oddShare = 0.02) =>
      random.next() < oddShare ? any(odd) : (random.next() - 0.5) * scale;
    const fill = (length: number, scale: number, oddShare?: number) =>
      Float32Array.from({ length }, () => number(scale, oddShare));
    const seldom = (length: number, share: number, otherwise: number, scale: number) =>
      Float32Array.from({ length }, () => (random.next() < share ? number(scale) : otherwise));
    const five = (make: () => Float32Array) => Array.from({ length: 5 }, make);
    // Making these anew for every run would take longer than all the rest.
    const heatmaps = five(() => fill(LANDMARK_COUNT * 4096, 30));
    const masks = five(() => fill(256 * 256, 10));
    const keypoints = five(() => fill(17 * 4096, 30));
    const distances = five(() => fill(34 * 4096, 40, 0.002));
    const centres = five(() => fill(4096, 30));
    let seen = 0;
    let looks = 0;
    for (let round = 0; round < 20; round++) {
      const size = {
        width: 15 + Math.floor(random.next() * 900),
        height: 15 + Math.floor(random.next() * 900),
        originalWidth: 15 + Math.floor(random.next() * 9000),
        originalHeight: 15 + Math.floor(random.next() * 9000),
      };
      const { people, explanation } = await analysePhoto(
        fakeNetworks(
          [
            fake(POSE_DETECTOR, () => ({
              boxes: fill(2254 * 12, 600),
              scores: seldom(2254, 0.003, -50, 8),
            })),
            fake(NANODET, () => {
              const [scores_8, scores_16, scores_32] = [52, 26, 13].map((side) =>
                seldom(side ** 2, 0.005, 0, 2),
              );
              const [boxes_8, boxes_16, boxes_32] = [52, 26, 13].map((side) =>
                fill(44 * side ** 2, 20, 0.005),
              );
              if (!scores_8 || !scores_16 || !scores_32 || !boxes_8 || !boxes_16 || !boxes_32)
                throw new RangeError();
              return { scores_8, scores_16, scores_32, boxes_8, boxes_16, boxes_32 };
            }),
            fake(MOVENET, () => ({
              heatmaps: any(keypoints),
              regressions: any(distances),
              centre: any(centres),
              offsets: any(distances),
            })),
            fake(BLAZEPOSE.full, () => {
              looks++;
              return {
                landmarks: fill(LANDMARK_COUNT * 5, 600, 0.002),
                flag: Float32Array.of(random.next() < 0.1 ? number(4) : 0.5 + random.next() / 2),
                heatmap: any(heatmaps),
                world: fill(LANDMARK_COUNT * 3, 2),
                mask: any(masks),
              };
            }),
          ],
          { batch: 1 + (round % 4) },
        ),
        size,
        PLANS[any(QUALITIES)],
        full,
      );
      seen += people.length;
      expect(explanation.persons).toHaveLength(people.length);
      for (const { person = 0 } of explanation.regions)
        expect(person).toBeLessThan(Math.max(1, people.length));
      expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
      for (const { body_parts, location } of people) {
        expect(Object.keys(body_parts).toSorted()).toEqual([...BODY_PARTS].toSorted());
        const { left, top, width, height } = location;
        const within = (value: number, max: number) => value >= 0 && value <= max;
        for (const { x, y, score } of Object.values(body_parts)) {
          expect([
            within(x, size.originalWidth),
            within(y, size.originalHeight),
            within(score, 1),
          ]).not.toContain(false);
        }
        expect([
          within(left, size.originalWidth),
          within(top, size.originalHeight),
          within(width, size.originalWidth),
          within(height, size.originalHeight),
          within(left + width, size.originalWidth + 0.01),
          within(top + height, size.originalHeight + 0.01),
          within(location.score, 1),
        ]).not.toContain(false);
      }
    }
    expect(seen).toBeGreaterThan(20);
    expect(looks).toBeGreaterThan(50);
  });

  test('gives everyone whom the networks confirm, each once', async () => {
    const whole = bodyOf(RIGHT);
    // NanoDet takes the upper part for somebody as well, and a lamp.
    const upper = { ...whole, height: 0.58 * whole.height, score: 0.5 };
    const lamp = { left: 400, top: 50, width: 60, height: 150, score: 0.6 };
    const actors = [LEFT, { ...RIGHT, bodies: [upper, whole, lamp] }];
    const { people, explanation, scene } = await see(actors);
    expectFound({ people }, LEFT, RIGHT);
    expect(scene.runsOf(MOVENET)).toHaveLength(4);
    // Nobody is looked at twice by the slower one.
    expect(scene.runsOf(BLAZEPOSE.full)).toHaveLength(2);
    const outcomes = explanation.regions.map(({ network, outcome }) => `${network}: ${outcome}`);
    expect(outcomes.toSorted()).toEqual([
      'blazepose: person',
      'blazepose: person',
      'movenet: low-score',
      'movenet: person',
      'movenet: person',
      'movenet: same-pose',
    ]);
  });

  test('gives someone once of whom MoveNet makes two, and BlazePose one', async () => {
    const ghost = { ...LEFT, x: LEFT.x + 100, logit: 0, takenFor: LEFT };
    const { people, explanation } = await see([LEFT, ghost], { passes: 3 });
    expectFound({ people }, LEFT);
    const ofMoveNet = explanation.regions.filter(({ network }) => network === 'movenet');
    expect(ofMoveNet.map(({ outcome, person }) => `${outcome} ${person}`).toSorted()).toEqual([
      'person 0',
      'same-pose 0',
    ]);
  });

  test('gives nobody of whom BlazePose has no possible numbers, and trusts MoveNet less where BlazePose sees nobody', async () => {
    const doubted = await see([{ ...LEFT, flag: 0.05 }]);
    const [sure] = (await see([LEFT])).explanation.persons;
    expectFound(doubted, LEFT);
    expect(doubted.explanation.persons[0]?.score).toBeLessThan(0.9 * (sure?.score ?? 0));
    expect(doubted.explanation.regions.map(({ outcome }) => outcome)).toEqual(['person', 'no-person']);
    // Whom both see is surer than whom MoveNet alone sees well.
    const order = await see([
      { ...RIGHT, flag: 0.05 },
      { ...LEFT, logit: 3 },
    ]);
    expect(order.people[0]?.body_parts.neck.x).toBeCloseTo(LEFT.x, -1);
    const impossible = await see([LEFT, { ...RIGHT, flag: NaN }]);
    expectFound(impossible, LEFT);
    const last = impossible.explanation.regions.filter(({ network }) => network === 'blazepose');
    expect(last.map(({ outcome }) => outcome).toSorted()).toEqual(['implausible', 'person']);
    expect(last.find(({ outcome }) => outcome === 'implausible')).not.toHaveProperty('person');
  });

  test('looks at people who lie or are upside down in a square that is turned as well', async () => {
    for (const rotation of [Math.PI / 2, -Math.PI / 2, 3]) {
      const lying = { ...RIGHT, rotation, hasFace: true };
      const seen = await see([lying, { ...LEFT, hasFace: true }]);
      expectFound(seen, lying, LEFT);
      const turned = seen.scene.runsOf(MOVENET).map(({ region }) => region.rotation);
      expect(turned.toSorted((a, b) => Math.abs(a) - Math.abs(b))).toEqual([
        0,
        0,
        expect.closeTo(rotation, 2),
      ]);
      const sideways = seen.explanation.regions.find(({ origin }) => origin === 'pose');
      expect(sideways).toMatchObject({ network: 'movenet', outcome: 'person' });
      expect(seen.explanation.regions).toContainEqual(
        expect.objectContaining({ origin: 'person', outcome: 'same-pose', person: sideways?.person }),
      );
      // One whom no body goes with is looked at in the pose's own region.
      const alone = await see([{ ...lying, bodies: [] }]);
      expectFound(alone, lying);
      expect(alone.scene.runsOf(MOVENET).map(({ region }) => region.rotation)).toEqual([
        expect.closeTo(rotation, 2),
      ]);
    }
  });

  test('takes someone large for the only one without another network, where the plan says so', async () => {
    const large = { x: 500, y: 400, size: 900, hasFace: true };
    // The region is the circle around the hips and a quarter more: 1125 of 1000 pixels.
    const short = await see([large], { loneSide: 1.1 });
    expectFound(short, large);
    expect(short.scene.runs.map(({ network }) => network)).toEqual([POSE_DETECTOR.file, BLAZEPOSE.full.file]);
    expect(short.explanation).toMatchObject({
      squares: [{ detector: 'pose', found: 1 }],
      regions: [{ network: 'blazepose', origin: 'pose', outcome: 'person', person: 0 }],
      persons: [{ passes: 1, networks: ['blazepose'] }],
    });
    expect(short.steps.at(-1)).toEqual(['refine', 0, 0]);
    // The mask takes another look.
    const masked = await see([large], { loneSide: 1.1, extras: ['mask'] });
    expect(
      masked.scene.runs.map(({ network, withHead, region }) => [network, withHead, region.mirrored ?? false]),
    ).toEqual([
      [POSE_DETECTOR.file, false, false],
      [BLAZEPOSE.full.file, false, false],
      [BLAZEPOSE.full.file, true, true],
    ]);
    expect(masked.people[0]?.extras?.mask).toBeDefined();
    // It does not move a point.
    expect(masked.people[0]?.body_parts).toEqual(short.people[0]?.body_parts);
    expect(masked.explanation.persons).toMatchObject([{ passes: 2, networks: ['blazepose'] }]);
    expect(masked.steps.at(-1)).toEqual(['refine', 1, 1]);
  });

  test.each<[string, Partial<PhotoPlan>, Actor[]]>([
    ['too small', { loneSide: 1.2 }, []],
    ['not the only one with a face', { loneSide: 1.1 }, [{ ...LEFT, x: 80, size: 150, hasFace: true }]],
    ['not asked for', {}, []],
  ])('does not where they are %s', async (_why, changed, others) => {
    const large = { x: 500, y: 400, size: 900, hasFace: true };
    const { people, explanation, scene } = await see([large, ...others], changed);
    expectFound({ people }, large, ...others);
    expect(scene.runsOf(NANODET)).toHaveLength(1);
    expect(scene.runsOf(MOVENET)).toHaveLength(1 + others.length);
    for (const { networks } of explanation.persons) expect(networks).toEqual(['movenet', 'blazepose']);
  });

  test.each<[string, Partial<Actor>]>([
    ['nobody there', { flag: 0.49 }],
    ['hardly a point', { peak: -2 }],
  ])('does not where BlazePose sees %s', async (_what, doubt) => {
    const large = { x: 500, y: 400, size: 900, hasFace: true, ...doubt };
    const { people, scene } = await see([large], { loneSide: 1.1 });
    expectFound({ people }, large);
    expect(scene.runs.map(({ network }) => network)).toEqual([
      POSE_DETECTOR.file,
      BLAZEPOSE.full.file,
      NANODET.file,
      MOVENET.file,
      BLAZEPOSE.full.file,
    ]);
  });

  test('has BlazePose look several times, in the mirror by turns, and takes the mask from the last', async () => {
    const { people, explanation, scene } = await see([RIGHT], { passes: 3, extras: ['mask'] });
    expectFound({ people }, RIGHT);
    const looks = scene.runsOf(BLAZEPOSE.full);
    expect(looks.map(({ region, withHead }) => [region.mirrored, withHead])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
    // The later ones where the pose itself says: the circle and a quarter more.
    for (const { region } of looks.slice(1)) {
      expect(Math.hypot(region.centreX - RIGHT.x, region.centreY - RIGHT.y)).toBeLessThan(0.05 * RIGHT.size);
      expect(region.size / RIGHT.size).toBeCloseTo(1.25, 1);
    }
    expect(explanation.persons).toMatchObject([{ passes: 3, networks: ['movenet', 'blazepose'] }]);
    expect(people[0]?.extras?.mask).toBeDefined();
  });

  test('has MoveNet look at each person in the mirror as well, where the plan says so', async () => {
    const plain = await see([LEFT, RIGHT]);
    const { scene, people, explanation, steps } = await see([LEFT, RIGHT], { mirrored: true });
    expectFound({ people }, LEFT, RIGHT);
    const looks = scene.runsOf(MOVENET);
    expect(looks).toHaveLength(plain.scene.runsOf(MOVENET).length + 2);
    const mirrored = looks.filter(({ region }) => region.mirrored);
    expect(mirrored).toHaveLength(2);
    for (const { region } of mirrored) {
      expect(looks.map((look) => look.region)).toContainEqual({ ...region, mirrored: undefined });
    }
    const { regions } = explanation;
    const ofMoveNet = regions.filter(({ network }) => network === 'movenet');
    expect(ofMoveNet.slice(-2)).toMatchObject([{ outcome: 'same-pose' }, { outcome: 'same-pose' }]);
    const ofLandmarks = steps.filter(([stage]) => stage === 'landmarks');
    expect(ofLandmarks.at(-1)).toEqual(['landmarks', looks.length, looks.length]);
  });

  test('looks more closely at a grey picture, whatever the quality', async () => {
    const grey = { ...picture, isGrey: true };
    const score = PLANS.best.minBodyScore + 0.01;
    const unsure = { ...RIGHT, bodies: [{ ...bodyOf(RIGHT), score }] };
    for (const quality of QUALITIES) {
      const changed = { ...PLANS[quality], loneSide: Infinity };
      const { scene, people } = await see([LEFT, unsure], { ...changed, size: grey });
      expectFound({ people }, LEFT, unsure);
      expect(scene.runsOf(MOVENET).filter(({ region }) => region.mirrored)).toHaveLength(2);
      const inColour = await see([LEFT, unsure], changed);
      expect(inColour.people).toHaveLength(score < changed.minBodyScore ? 1 : 2);
    }
  });

  test('gives the same answer however many regions are looked at in one run', async () => {
    const middle = { x: 450, y: 300, size: 250 };
    const answers: unknown[] = [];
    for (const batch of [1, 2, 4, 100]) {
      const { people, explanation, scene, steps } = await see([LEFT, middle, RIGHT], { passes: 3, batch });
      expectFound({ people }, LEFT, middle, RIGHT);
      answers.push({ people, explanation });
      // Three rounds of three people.
      expect(scene.batches).toHaveLength(3 * Math.ceil(3 / batch));
      expect(steps.at(-1)).toEqual(['refine', 9, 9]);
    }
    for (const other of answers) expect(other).toEqual(answers[0]);
  });

  test.each<[string, PictureSize, Actor[]]>([
    ['a picture with people', picture, [LEFT, RIGHT, { ...RIGHT, rotation: 2, hasFace: true }]],
    [
      'a long picture',
      { width: 3500, height: 500, originalWidth: 3500, originalHeight: 500 },
      [LEFT, { ...LEFT, x: 3000 }],
    ],
    ['an empty picture', picture, []],
  ])('tells its steps in order: %s', async (_what, size, actors) => {
    const { steps } = await see(actors, { passes: 2, size });
    expect([...new Set(steps.map(([stage]) => stage))]).toEqual(['detect', 'landmarks', 'refine']);
    for (const stage of ['detect', 'landmarks', 'refine']) {
      const own = steps.filter(([name]) => name === stage);
      const [first] = own;
      expect(first?.[1]).toBe(0);
      for (const [index, [, done, total]] of own.entries()) {
        expect(done).toBe(index);
        expect(done).toBeLessThanOrEqual(total);
        // What there is to do is known from the start, so that nothing seems done before it is.
        expect(total).toBe(first?.[2]);
      }
      expect(own.at(-1)?.[1]).toBe(first?.[2]);
    }
  });

  test('sees someone in a long picture once, though they lie in several of its squares', async () => {
    const size = { width: 3500, height: 500, originalWidth: 3500, originalHeight: 500 };
    const far = { ...LEFT, x: 2800, y: 250 };
    const { people, scene, explanation } = await see([far], { size });
    expectFound({ people }, far);
    expect(scene.runsOf(NANODET).length).toBeGreaterThan(3);
    expect(explanation.squares.filter(({ found }) => found > 0).length).toBeGreaterThan(2);
    expect(scene.runsOf(MOVENET)).toHaveLength(1);
  });

  test('takes none of MoveNet’s numbers for a person that no body can have', async () => {
    const nobody = moveNetOutput(() => [0.5, 0.5]);
    const odd = [
      ['implausible', { offsets: nobody.offsets.map(() => 1e6) }],
      ['implausible', { offsets: nobody.offsets.map(() => -1e6) }],
      ['low-score', { heatmaps: nobody.heatmaps.map(() => NaN) }],
      ['low-score', { centre: nobody.centre.map(() => NaN) }],
    ] as const;
    for (const [outcome, wrong] of odd) {
      const networks = fakeNetworks([
        fake(POSE_DETECTOR, () => posesOutput([])),
        fake(NANODET, (region) => bodiesOutput([bodyOf(LEFT)], region)),
        fake(MOVENET, () => ({ ...nobody, ...wrong })),
        fake(BLAZEPOSE.full, () => {
          throw new Error('there is nobody to look at');
        }),
      ]);
      const { people, explanation } = await analysePhoto(networks, picture, plan, full);
      expect(people).toEqual([]);
      expect(explanation.regions).toMatchObject([{ network: 'movenet', outcome }]);
    }
  });

  test('trusts the pose detector alone as far as it is sure, and both detectors more', () => {
    const region = { centreX: 300, centreY: 300, size: 200, rotation: 0 };
    const body = { left: 220, top: 220, width: 160, height: 160, score: 0.2 };
    const scoresOf = (bodies: (typeof body)[], score: number, rotation = 0) =>
      candidatesOf(bodies, [{ region: { ...region, rotation }, score }], everywhere).map(
        (one) => one.body.score,
      );
    const [sure, unsure] = [scoresOf([], 0.9), scoresOf([], 0.3)];
    expect(sure).toEqual([0.45]);
    expect(unsure).toEqual([0.15]);
    // Upright there is nothing to add to what NanoDet has seen.
    expect(scoresOf([body], 0.9)).toEqual([0.2]);
    expect(scoresOf([body], 0.3, Math.PI)).toEqual([0.2, 0.5]);
    expect(scoresOf([{ ...body, score: 0.7 }], 0.3, Math.PI)).toEqual([0.7, 0.7]);
  });

  test('spends no run on a square that there is nothing in', async () => {
    const place = { left: 300, top: 300 };
    const bodies = [0, NaN, Infinity].map((width, index) => ({
      ...place,
      left: 100 * index,
      width,
      height: width,
    }));
    const flat = new Map(
      bodies.map((body) => [body.width, candidatesOf([{ ...body, score: 0.9 }], [], everywhere)]),
    );
    for (const [width, candidates] of flat) expect(candidates, `a body ${width} wide`).toEqual([]);
  });

  /** A third of a picture with room for three people side by side, who are three. */
  const THREE = [150, 500, 850].map((x): Actor => ({ x, y: 400, size: 300 }));
  const MIDDLE = { left: 333, top: 0, width: 334, height: 800 };

  test('gives of a region those whose middle lies there, as the whole picture has them, and looks at nobody else', async () => {
    const whole = await see(THREE);
    const [, middle] = THREE;
    const part = await see(THREE, { region: MIDDLE });
    expectFound(part, ...(middle ? [middle] : []));
    const before = whole.people.find(({ location: { left } }) => left > 333 && left < 667);
    expect(part.people).toEqual([before]);
    expect([whole, part].map(({ scene }) => scene.runsOf(MOVENET).length)).toEqual([3, 1]);
    expect(part.scene.runsOf(BLAZEPOSE.full)).toHaveLength(1);
    expect(part.scene.runsOf(NANODET)).toEqual(whole.scene.runsOf(NANODET));
  });

  test('looks at a region more closely where nobody fills it, and finds whom the whole picture is too large for', async () => {
    const seen = { x: 300, y: 300, size: 90 };
    const small = { x: 380, y: 310, size: 60, seenWithin: 300 };
    const region = { left: 250, top: 220, width: 180, height: 160 };
    const { people, scene, explanation } = await see([seen, small], { region });
    expectFound({ people }, seen, small);
    const [before] = (await see([seen])).people;
    expect(people).toContainEqual(before);
    // A quarter of the longer side beyond it; and nobody's body is looked at twice.
    const closer = { centreX: 340, centreY: 300, size: 270, rotation: 0 };
    expect(scene.runsOf(NANODET)[1]?.region).toEqual(closer);
    expect(scene.runsOf(MOVENET)).toHaveLength(2);
    expect(explanation.squares.map(({ detector, found }) => `${detector} ${found}`)).toEqual([
      'pose 0',
      'person 1',
      'pose 0',
      'person 2',
    ]);
    // Whoever fills it is whom it is of.
    // Somebody large beside it is not whom it is of.
    const beside = await see([{ x: 480, y: 300, size: 300 }, small], { region });
    expectFound(beside, small);
    const filling = await see([LEFT], { region: { left: 50, top: 250, width: 300, height: 300 } });
    expectFound(filling, LEFT);
    expect(filling.scene.runsOf(NANODET)).toHaveLength(1);
  });

  test('takes a body that lies otherwise for another place to look at, and one that lies alike for the same', () => {
    const body = { left: 100, top: 100, width: 50, height: 100, score: 0.9 };
    const [known] = candidatesOf([body], [], everywhere);
    if (!known) throw new Error('there is one');
    const turned = { ...known, square: { ...known.square, rotation: Math.PI / 2 } };
    const elsewhere = { ...known, body: { ...body, left: 140 } };
    const others = [turned, elsewhere, { ...known, body: { ...body, left: 105 } }];
    expect(candidatesBeside([known], others)).toEqual([turned, elsewhere]);
  });

  test('looks in no square of a long picture that shows nothing of the region', async () => {
    const size = { width: 8000, height: 800, originalWidth: 8000, originalHeight: 800 };
    const region = { left: 3900, top: 0, width: 800, height: 800 };
    const [whole, part] = [await see([], { size }), await see([], { size, region })];
    const asked = part.scene.runsOf(NANODET).map((run) => run.region);
    expect([whole.scene.runsOf(NANODET), asked]).toMatchObject([{ length: 10 }, { length: 5 }]);
    for (const { centreX, size: side } of asked)
      expect(Math.abs(centreX - 4300)).toBeLessThan(side / 2 + 600);
  });

  test('gives everyone in one of two regions that share the picture, wherever they stand across the edge', async () => {
    for (const edge of [380, 420, 440, 455, 470, 490, 520]) {
      const sides = [
        { left: 0, top: 0, width: edge, height: 800 },
        { left: edge, top: 0, width: 1000 - edge, height: 800 },
      ];
      const people = [];
      for (const region of sides)
        people.push(...(await see([{ x: 450, y: 400, size: 500 }], { region })).people);
      expect(people, `the edge at ${edge}`).toHaveLength(1);
    }
  });

  test('takes no body for the whole of someone that what is looked at cuts off', async () => {
    const size = { width: 2000, height: 1600, originalWidth: 2000, originalHeight: 1600 };
    const person = { x: 500, y: 400, size: 500 };
    const region = { left: 0, top: 100, width: 510, height: 510 };
    const { top, height } = bodyOf(person);
    // The detectors look as far as 637.5.
    const cut = { ...person, bodies: [{ left: 300, top, width: 337.5, height }] };
    const [whole, part] = [
      await see([person], { size }),
      await see([{ ...cut, seenWithin: 800 }], { size, region }),
    ];
    expectFound(part, person);
    const [before, seen] = [whole, part].map(({ people }) => people[0]?.location);
    expect(seen?.left).toBeGreaterThan((before?.left ?? 0) - 60);
    // Of a picture that cuts nothing off the same body is taken for the whole of them.
    const [{ location } = { location: undefined }] = (await see([cut], { size })).people;
    expect(location?.left).toBeLessThan((seen?.left ?? 0) - 5);
  });

  test('gives a person of an earlier answer as they were, and alone', async () => {
    const lying = { x: 650, y: 560, size: 300, rotation: Math.PI / 2, hasFace: true };
    const actors = [...THREE, { x: 210, y: 420, size: 300 }, lying];
    const whole = await see(actors);
    expectFound(whole, ...actors);
    for (const [index, person] of whole.people.entries()) {
      const { people, scene } = await see(actors, { region: person });
      expect(people, `person ${index}`).toEqual([person]);
      expect(scene.runsOf(MOVENET).length).toBeLessThan(whole.scene.runsOf(MOVENET).length / 2);
      // Where no detector sees them, nearly so: where they were is known.
      const unseen = actors.map((actor) => ({ ...actor, seenWithin: 0 }));
      const [again, ...others] = (await see(unseen, { region: person })).people;
      expect(others).toEqual([]);
      for (const part of BODY_PARTS) {
        const [seen, before] = [again?.body_parts[part], person.body_parts[part]];
        expect(Math.hypot((seen?.x ?? 0) - before.x, (seen?.y ?? 0) - before.y)).toBeLessThan(3);
      }
    }
    const others = [{ x: 900, y: 700, size: 100 }];
    for (const region of whole.people) expect((await see(others, { region })).people).toEqual([]);
  });

  test('takes someone large in a region for the only one there, and nobody beside it', async () => {
    const size = { width: 2000, height: 1600, originalWidth: 2000, originalHeight: 1600 };
    const alone = { x: 700, y: 400, size: 400, hasFace: true, seenWithin: 1000 };
    const region = { left: 500, top: 200, width: 400, height: 400 };
    const found = await see([alone, { x: 100, y: 400, size: 150 }], { size, region, loneSide: 0.6 });
    expectFound(found, alone);
    // It was asked of the whole picture, not of the region.
    expect(found.scene.runsOf(NANODET)).toHaveLength(1);
    const beside = { left: 480, top: 200, width: 200, height: 400 };
    const { people, scene } = await see([alone], { size, region: beside, loneSide: 0.6 });
    expect(people).toEqual([]);
    expect(scene.runsOf(NANODET)).toHaveLength(2);
  });

  test('says of whom a region leaves out that they were left out', async () => {
    // So near its edge that a body seen by half might be of someone in it.
    const { people, explanation } = await see([{ x: 700, y: 400, size: 400 }], {
      region: { left: 0, top: 0, width: 690, height: 800 },
    });
    expect(people).toEqual([]);
    expect(explanation.regions.map(({ network, outcome }) => `${network}: ${outcome}`)).toEqual([
      'movenet: left-out',
      'blazepose: left-out',
    ]);
    expect(explanation.regions.every(({ person }) => person === undefined)).toBe(true);
  });

  /** A dozen people, of whom the detector is less and less sure. */
  const CROWD = Array.from({ length: 12 }, (_, index): Actor => {
    const person = { x: 100 + 160 * (index % 6), y: index < 6 ? 250 : 600, size: 250 };
    return { ...person, bodies: [{ ...bodyOf(person), score: 0.95 - 0.05 * index }] };
  });

  test.each([
    { batch: 1, changed: {} },
    { batch: 4, changed: {} },
    { batch: 1, changed: { mirrored: true, passes: 3 } },
  ])(
    'tells of people as they are found, $batch at once with $changed, and answers as it would without',
    async ({ batch, changed }) => {
      const plain = await see(CROWD, { batch, ...changed });
      const told: FoundPerson[] = [];
      const scenes: number[] = [];
      const progress: number[] = [];
      const scene = new Scene(CROWD, batch);
      const course = new CallProgress(({ fraction }) => progress.push(fraction), { isInTurns: true });
      const { people, explanation } = await analysePhoto(
        scene.networks,
        picture,
        { ...plan, ...changed },
        {
          ...full,
          onStep: (...step) => course.step(...step),
          onPerson: (found) => {
            told.push(found);
            scenes.push(scene.runs.length);
            expect(progress.at(-1)).toBeLessThan(1);
          },
        },
      );
      expect(people).toEqual(plain.people);
      expect(explanation.persons).toEqual(plain.explanation.persons);
      // Those of the last turn come with the answer.
      expect(told.map(({ number }) => number)).toEqual(Array.from({ length: 12 - batch }, (_, at) => at + 1));
      for (const { person } of told) expect(people).toContainEqual(person);
      expect(scenes[0]).toBeLessThanOrEqual(batch * (scene.runs.length / 5));
      expect(scene.runs).toHaveLength(plain.scene.runs.length);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      expect(progress.at(-1)).toBeCloseTo(1);
    },
  );

  test('looks at what may be one person together, and tells of nobody who is not wanted', async () => {
    const [first, second] = THREE;
    if (!first || !second) throw new Error('there are three');
    const body = bodyOf(first);
    // Two boxes of one person, and the legs of the same, which look like somebody small.
    const bodies = [
      { ...body, score: 0.9 },
      { ...body, top: body.top + 40, score: 0.35 },
      { ...body, top: body.top + 130, height: 60, score: 0.3 },
    ];
    const told: FoundPerson[] = [];
    const seen = await see([{ ...first, bodies }, second], { onPerson: (found) => told.push(found) });
    expect(seen.people).toHaveLength(2);
    expect(told.map(({ number }) => number)).toEqual([1, 2]);
    const region = { left: 0, top: 0, width: 300, height: 800 };
    told.length = 0;
    await see([...THREE, { x: 150, y: 100, size: 150 }], { region, onPerson: (found) => told.push(found) });
    expect(told.length).toBeGreaterThan(0);
    for (const { person } of told) expect(person.location.left).toBeLessThan(300);
  });

  test('gives no more people than are wanted, the surest, and looks at few others', async () => {
    const whole = await see(CROWD);
    for (const maxPersons of [1, 3]) {
      const { people, scene, explanation } = await see(CROWD, { maxPersons });
      expect(people).toEqual(whole.people.slice(0, maxPersons));
      expect(scene.runsOf(MOVENET)).toHaveLength(maxPersons);
      expect(scene.runsOf(BLAZEPOSE.full)).toHaveLength(maxPersons);
      expect(explanation.persons).toHaveLength(maxPersons);
    }
    expect((await see(CROWD, { maxPersons: 12 })).people).toEqual(whole.people);
    expect((await see(CROWD, { maxPersons: 99 })).people).toEqual(whole.people);
    // One run looks at several, of whom the surest is wanted.
    const { people, explanation } = await see(CROWD, { maxPersons: 1, batch: 4 });
    expect(people).toEqual(whole.people.slice(0, 1));
    const outcomes = explanation.regions.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'left-out')).toHaveLength(6);
  });

  test('goes on where the surest body is not surely a person', async () => {
    const [first, second, third] = THREE;
    if (!first || !second || !third) throw new Error('there are three');
    const scarecrow = {
      ...first,
      logit: -1.2,
      flag: -4,
      peak: -4,
      bodies: [{ ...bodyOf(first), score: 0.95 }],
    };
    const { people, scene } = await see([scarecrow, second, third], { maxPersons: 1 });
    expectFound({ people }, second);
    expect(scene.runsOf(MOVENET)).toHaveLength(2);
  });

  test('tells of someone better seen under the number that they had', () => {
    const names = ['one', 'two', 'better'] as const;
    type Name = (typeof names)[number];
    const hypotheses = Object.fromEntries(names.map((name) => [name, { name }])) as unknown as Record<
      Name,
      Hypothesis
    >;
    const people = Object.fromEntries(names.map((name) => [name, figure()])) as Record<Name, Person>;
    const told: string[] = [];
    const tell = teller(
      ({ number, person }) => told.push(`${number}: ${person.location.left}`),
      (person) => ({ location: { left: names.findIndex((name) => people[name] === person) } }) as PersonInfo,
    );
    const at = (known: Name[], duplicates: [Name, Name][] = []) => ({
      hypotheses: [],
      passes: [],
      personOf: new Map(known.map((name) => [hypotheses[name], people[name]])),
      duplicates: new Map(duplicates.map(([one, other]) => [hypotheses[one], hypotheses[other]])),
    });
    tell(at(['one']), [people.one]);
    tell(at(['one', 'two']), [people.one, people.two]);
    tell(at(['two', 'better'], [['one', 'better']]), [people.two, people.better]);
    tell(at(['two', 'better'], [['one', 'better']]), [people.two, people.better]);
    expect(told).toEqual(['1: 0', '2: 1', '1: 2']);
  });

  test('refuses a region that is outside of the picture, in the pixels that the caller knows', async () => {
    const size = { ...picture, originalWidth: 2000, originalHeight: 1600 };
    const outside = { left: 2000, top: 0, width: 10, height: 10 };
    await expect(see([], { size, region: outside })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('2000 × 1600 px'),
    });
    const inside = { left: 1900, top: -50, width: 1000, height: 100 };
    expect((await see([], { size, region: inside })).people).toEqual([]);
  });

  test('says which network saw what, and whom', async () => {
    const doubted = { ...LEFT, logit: 0 };
    const lying = { x: 450, y: 150, size: 250, rotation: 1.5, hasFace: true, logit: 2 };
    const { people, explanation } = await see([doubted, RIGHT, lying], { passes: 2 });
    const { squares, regions, persons } = explanation;
    expect(squares).toEqual(
      (['pose', 'person'] as const).map((detector, index) => ({
        detector,
        corners: [
          [0, -100],
          [1000, -100],
          [1000, 900],
          [0, 900],
        ],
        found: index === 0 ? 1 : 3,
      })),
    );
    // The surest first, and each region of the person who is there.
    expect(persons.map(({ score }) => score)).toEqual(
      persons.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    for (const [index, { body_parts }] of people.entries()) {
      const { x } = body_parts.neck;
      const own = regions.filter(({ person }) => person === index);
      expect(own.filter(({ network }) => network === 'movenet').length).toBeGreaterThan(0);
      expect(own.filter(({ network }) => network === 'blazepose')).toHaveLength(2);
      for (const { corners } of own) {
        const middle = (corners[0][0] + corners[2][0]) / 2;
        expect(Math.abs(middle - x)).toBeLessThan(110);
      }
      expect(persons[index]).toMatchObject({ passes: 2, networks: ['movenet', 'blazepose'] });
    }
    expect(people[0]?.body_parts.neck.x).toBeCloseTo(RIGHT.x, -1);
    expect(people.at(-1)?.body_parts.neck.x).toBeCloseTo(doubted.x, -1);
    expect(regions.map(({ network }) => network)).toEqual([
      ...Array.from({ length: 4 }, () => 'movenet'),
      ...Array.from({ length: 6 }, () => 'blazepose'),
    ]);
    // Two looks at one person have two scores of their own, the answer has one.
    expect(regions.every(({ presence, score }) => presence > 0 && score > 0)).toBe(true);
  });

  test('looks at no more bodies than anybody could tell apart', async () => {
    // One in every second cell of NanoDet's finest grid, the surest first.
    const step = (2 * 8 * 1000) / 416;
    const bodies = Array.from({ length: 26 * 26 }, (_, index) => ({
      left: step * (index % 26),
      top: step * Math.floor(index / 26) - 100,
      width: 0.75 * step,
      height: 0.75 * step,
      score: 0.9 - index / 2000,
    }));
    const { scene, explanation } = await see([{ ...LEFT, bodies }]);
    expect(explanation.squares[1]?.found).toBe(26 * 26);
    const runs = scene.runsOf(MOVENET);
    expect(runs.length).toBeLessThan(26 * 26);
    expect(Math.max(...runs.map(({ region }) => region.centreY))).toBeLessThan(step * 25 - 100);
  });
});

describe('what MoveNet and BlazePose say together', () => {
  const pose = decodePose(landmarkOutput(standing), REGION);
  const { parts } = personOfPose(pose);

  /** MoveNet's pose of the same person, each point moved by so much. */
  function moveNet(move: Partial<Record<MoveNetKeypoint, number>> = {}, score = 0.9): MoveNetPose {
    const points = MOVENET_KEYPOINTS.map((name) => {
      const { x, y } = parts[name];
      return [name, { x: x + (move[name] ?? 0), y, score }] as const;
    });
    return {
      points: Object.fromEntries(points) as MoveNetPose['points'],
      centre: { x: REGION.centreX, y: REGION.centreY, score },
    };
  }

  /** The same as a view. */
  function seen(move: Partial<Record<MoveNetKeypoint, number>> = {}, sure = 0.9, score = 1): View {
    return { pose: moveNet(move, sure), score };
  }

  test('is the points of both where they agree', () => {
    const { parts: fused, agreement } = fuseParts([parts], [seen()], REGION.size);
    expect(agreement).toBeGreaterThan(0.99);
    for (const part of BODY_PARTS) {
      if (part === 'top_head' || part === 'neck') continue;
      expect(fused[part].x).toBeCloseTo(parts[part].x);
      expect(fused[part].y).toBeCloseTo(parts[part].y);
    }
    // It lies beyond the eyes.
    const { left_eye, right_eye, top_head } = fused;
    expect(top_head.y).toBeLessThan((left_eye.y + right_eye.y) / 2);
  });

  test('has the top of the head further back, the further back the ears are', () => {
    const turned = {
      ...parts,
      left_ear: { ...parts.left_ear, x: parts.left_ear.x + 10 },
      right_ear: { ...parts.right_ear, x: parts.right_ear.x + 10 },
    };
    const { parts: before } = fuseParts([parts], [seen()], REGION.size);
    const { parts: after } = fuseParts([turned], [seen({ left_ear: 10, right_ear: 10 })], REGION.size);
    const backwards = after.top_head.x - before.top_head.x;
    expect(backwards).toBeGreaterThan(0.5);
    expect(backwards).toBeLessThan(2);
    expect(after.top_head.y).toBeCloseTo(before.top_head.y);
  });

  test('is one of the two, not the middle, where they do not', () => {
    const far = REGION.size / 2;
    const { parts: fused, agreement } = fuseParts([parts], [seen({ left_wrist: far })], REGION.size);
    expect(agreement).toBeLessThan(0.99);
    const off = Math.abs(fused.left_wrist.x - parts.left_wrist.x);
    expect(Math.min(off, Math.abs(off - far))).toBeLessThan(0.02 * far);
    // Whom more looks agree with.
    const most = fuseParts([parts, parts, parts], [seen({ left_wrist: far }, 0)], REGION.size);
    expect(most.parts.left_wrist.x).toBeCloseTo(parts.left_wrist.x, 0);
    const all = Object.fromEntries(MOVENET_KEYPOINTS.map((name) => [name, far]));
    expect(fuseParts([parts], [seen(all)], REGION.size).agreement).toBeLessThan(0.8);
  });

  test('is MoveNet’s where BlazePose is not sure at all', () => {
    const unsure = personOfPose(decodePose(landmarkOutput(standing, -9), REGION)).parts;
    const { parts: fused } = fuseParts([unsure], [seen({ right_knee: 200 })], REGION.size);
    expect(fused.right_knee.x).toBeCloseTo(parts.right_knee.x + 200, 0);
  });

  test('is left outside the picture where BlazePose has it and MoveNet is not sure', () => {
    const edge = parts.left_ankle.y - 100;
    const isOutside = ({ y }: { y: number }) => y > edge;
    const atEdge = (score: number) => {
      const view = { pose: moveNet({}, score), score: 1 };
      view.pose.points.left_ankle.y = edge - 5;
      return fuseParts([parts], [view], REGION.size, isOutside).parts.left_ankle;
    };
    expect(atEdge(0.2).y).toBeCloseTo(parts.left_ankle.y);
    expect(atEdge(0.2).peak).toBeLessThanOrEqual(0.2);
    // Whoever sees it plainly is believed.
    expect(atEdge(0.9).y).toBeLessThan(edge);
  });

  test('is BlazePose’s for the mouth, which MoveNet does not have', () => {
    const all = Object.fromEntries(MOVENET_KEYPOINTS.map((name) => [name, 100]));
    const { parts: fused } = fuseParts([parts], [seen(all)], REGION.size);
    // The mode of all its looks.
    const corner = 'left_mouth_corner';
    const other = { ...parts, [corner]: { ...parts[corner], x: parts[corner].x + REGION.size / 2 } };
    expect(fuseParts([parts, other, other], [seen()], REGION.size).parts[corner].x).toBeCloseTo(
      other[corner].x,
      0,
    );
    for (const part of ['left_mouth_corner', 'right_mouth_corner'] as const) {
      expect(fused[part].x).toBeCloseTo(parts[part].x);
      expect(fused[part].y).toBeCloseTo(parts[part].y);
    }
  });

  test('has its neck between shoulders and head, and the nearer to the shoulders the higher the arms', () => {
    const rise = parts.left_elbow.y - parts.left_shoulder.y;
    const neckWith = (lifted: number) => {
      const arms = Object.fromEntries(
        (['left_elbow', 'right_elbow'] as const).map((part) => [
          part,
          { ...parts[part], y: parts[part].y - lifted },
        ]),
      );
      const move = moveNet();
      for (const part of ['left_elbow', 'right_elbow'] as const) move.points[part].y -= lifted;
      return fuseParts([{ ...parts, ...arms }], [{ pose: move, score: 1 }], REGION.size).parts;
    };
    const { left_shoulder, right_shoulder, top_head, neck } = neckWith(0);
    const shoulders = (left_shoulder.y + right_shoulder.y) / 2;
    expect(rise).toBeGreaterThan(0);
    expect(neck.y).toBeLessThan(shoulders);
    expect(neck.y).toBeGreaterThan((shoulders + top_head.y) / 2);
    const [level, above] = [neckWith(rise).neck.y, neckWith(2 * rise).neck.y];
    expect(level - neck.y).toBeCloseTo(0.1 * rise, 0);
    expect(above - level).toBeCloseTo(0.1 * rise, 0);
  });

  test('has its neck at the shoulders where the top of the head lies between them', () => {
    const level = { ...parts, right_shoulder: { ...parts.left_shoulder } };
    const { x, y } = level.left_shoulder;
    const neck = neckOf(level, { x, y });
    expect([neck.x, neck.y]).toEqual([x, y]);
  });

  test('is drawn to what MoveNet saw of the same person in other squares, the less so the less sure it was', () => {
    const near = REGION.size / 50;
    const others = (count: number, score: number) =>
      Array.from({ length: count }, () => seen({ left_wrist: near }, 0.9, score));
    const wristWith = (count: number, score: number) =>
      fuseParts([parts], [seen(), ...others(count, score)], REGION.size).parts.left_wrist.x;
    const alone = wristWith(0, 1);
    const bySure = wristWith(1, 1);
    const byUnsure = wristWith(1, 0.3);
    expect(byUnsure).toBeGreaterThan(alone);
    expect(bySure).toBeGreaterThan(2 * byUnsure - alone);
    expect(wristWith(3, 1)).toBeGreaterThan(bySure);
    // However many they are, BlazePose is heard.
    expect(wristWith(3, 1)).toBeLessThan(alone + 0.75 * near);
  });
});

describe('where BlazePose looks for whom MoveNet saw', () => {
  const square = { centreX: 500, centreY: 500, size: 800, rotation: 0 };

  function regionOf(at: (name: MoveNetKeypoint) => [u: number, v: number], logit?: number): Region {
    const pose = decodeMoveNet(moveNetOutput(at, logit), square);
    const body = { left: 200, top: 100, width: 600, height: 800, score: 0.9 };
    const seen = { origin: 'person', body, isBodySeen: true, square } as const;
    return landmarkRegion({ ...seen, pose, sureness: 1, score: 1, outcome: 'person' });
  }

  const upright = (name: MoveNetKeypoint) => standing(LANDMARK_OF_COCO[name]);

  test('is around the hips and holds every point, and the shoulders are up', () => {
    const { centreX, centreY, size, rotation } = regionOf(upright);
    expect(centreX).toBeCloseTo(500, 0);
    expect(centreY).toBeCloseTo(500, 0);
    // The ankles are .4 of the square below the hips.
    expect(size).toBeGreaterThan(2 * 0.4 * 800);
    expect(size).toBeLessThan(2 * 800);
    expect(rotation).toBeCloseTo(0, 2);
    for (const [turn, wanted] of [
      [([u, v]: [number, number]): [number, number] => [1 - v, u], Math.PI / 2],
      [([u, v]: [number, number]): [number, number] => [v, 1 - u], -Math.PI / 2],
    ] as const) {
      expect(regionOf((name) => turn(upright(name))).rotation).toBeCloseTo(wanted, 2);
    }
  });

  test('does not reach for points that are not sure, and holds at least the torso', () => {
    const pointing = (name: MoveNetKeypoint): [number, number] =>
      name === 'left_wrist' ? [1.3, 0.3] : upright(name);
    const sure = regionOf(pointing);
    expect(sure.size).toBeGreaterThan(2 * 0.8 * 800);
    const unsure = regionOf(pointing, -4);
    expect(unsure.size).toBeLessThan(sure.size);
    const torso = (0.5 - 0.22) * 800;
    expect(unsure.size).toBeGreaterThan(2 * torso);
    expect(unsure.size).not.toBeCloseTo(square.size);
  });

  test('is upright where the body is seen from its end, and its torso tells no direction', () => {
    const end = regionOf((name) => {
      if (name.endsWith('hip')) return [0.5, 0.5];
      return name.endsWith('shoulder') ? [0.52, 0.5] : upright(name);
    });
    expect(end.rotation).toBeCloseTo(0);
    expect(end.size).toBeGreaterThan(2 * 0.4 * 800);
  });

  test('is MoveNet’s own square where its points make none', () => {
    expect(regionOf(() => [0.5, 0.5])).toEqual(square);
  });
});
