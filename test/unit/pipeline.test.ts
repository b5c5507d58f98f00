import { describe, expect, test } from 'vitest';
import { oks, withoutDuplicates } from '../../src/pipeline/duplicates.ts';
import { auxiliaryRegion, fusePoses } from '../../src/pipeline/fusion.ts';
import { boxIou, normaliseAngle, regionToPicture } from '../../src/networks/geometry.ts';
import type { PictureSize, Region } from '../../src/networks/geometry.ts';
import { BLAZEPOSE, decodePose, LANDMARK_COUNT } from '../../src/networks/blazepose.ts';
import type { LandmarkOutput } from '../../src/networks/blazepose.ts';
import { CENTERNET, decodePersonBoxes } from '../../src/networks/centernet.ts';
import {
  ANCHORS,
  decodeDetections,
  mergeDetections,
  POSE_DETECTOR,
} from '../../src/networks/pose-detector.ts';
import type { Detection } from '../../src/networks/pose-detector.ts';
import type { Outputs } from '../../src/networks/network.ts';
import type { Networks } from '../../src/pipeline/networks.ts';
import { personInfo as answer, personOfPose } from '../../src/pipeline/person.ts';
import type { Person } from '../../src/pipeline/person.ts';
import { locate } from '../../src/pipeline/location.ts';
import { analysePhoto } from '../../src/pipeline/photo.ts';
import type { OnStep } from '../../src/pipeline/photo.ts';
import { PLANS } from '../../src/pipeline/plan.ts';
import { bodyRegion, cutOffRegion } from '../../src/pipeline/region.ts';
import { keypointScore, locationScore, VALID_PERSON_SCORE } from '../../src/pipeline/scores.ts';
import { silhouetteBox } from '../../src/pipeline/silhouette.ts';
import { detectionSquares, letterbox, tiles } from '../../src/pipeline/squares.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import { LANDMARK_MODELS } from '../../src/schema/loading.ts';
import type { Extra } from '../../src/schema/result.ts';
import { landmarkOutput, standing } from '../support/landmarks.ts';
import { fake, fakeNetworks } from '../support/networks.ts';

/** The same figure, 300 pixels high around (x, 400), wherever the region lies. */
function standingAt(index: number, x: number, { centreX, centreY, size }: Region): [number, number] {
  const [u, v] = standing(index);
  return [0.5 + (x + (u - 0.5) * 300 - centreX) / size, 0.5 + (400 + (v - 0.5) * 300 - centreY) / size];
}

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
    expect(letterbox(300, 100)).toEqual({ centreX: 150, centreY: 50, size: 300, rotation: 0 });
  });

  test('a long picture is looked at in pieces too, which cover it to both ends', () => {
    expect(detectionSquares(300, 100)).toEqual([letterbox(300, 100)]);
    for (const [width, height] of [
      [5000, 100],
      [100, 5000],
      [310, 100],
    ] as const) {
      const [whole, ...pieces] = detectionSquares(width, height);
      expect(whole).toEqual(letterbox(width, height));
      const along = pieces.map(({ centreX, centreY }) => (width > height ? centreX : centreY));
      expect(along[0]).toBe(100);
      expect(along.at(-1)).toBeCloseTo(Math.max(width, height) - 100);
      for (const [index, at] of along.slice(1).entries())
        expect(at - (along[index] ?? 0)).toBeLessThanOrEqual(100);
    }
  });

  test('a strip too narrow to show anyone is looked at once', () => {
    expect(detectionSquares(4096, 15)).toEqual([letterbox(4096, 15)]);
  });

  test('even the longest picture is a bounded number of pieces', () => {
    for (const [width, height] of [
      [16_384, 40],
      [40, 16_384],
      [5000, 100],
    ] as const) {
      const pieces = detectionSquares(width, height).slice(1);
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
  test('has neck and head top where the measured formulas put them', () => {
    const pose = decodePose(landmarkOutput(standing), REGION);
    const { parts } = personOfPose(pose);
    const middle = (a: number, b: number) =>
      ((pose.landmarks[a]?.y ?? NaN) + (pose.landmarks[b]?.y ?? NaN)) / 2;
    const [shoulders, ears, eyes, mouth] = [middle(11, 12), middle(7, 8), middle(2, 5), middle(9, 10)];
    expect(parts.neck.y).toBeCloseTo(shoulders + 0.33 * (ears - shoulders));
    expect(parts.top_head.y).toBeCloseTo(ears + 0.26 * (ears - shoulders) + 0.93 * (eyes - mouth));
    expect(parts.left_shoulder.x).toBeGreaterThan(parts.right_shoulder.x);
  });

  test('has its hips further apart and higher than the model says', () => {
    const pose = decodePose(landmarkOutput(standing), REGION);
    const { parts } = personOfPose(pose);
    const width = (pose.landmarks[23]?.x ?? NaN) - (pose.landmarks[24]?.x ?? NaN);
    expect(parts.left_hip.x - parts.right_hip.x).toBeCloseTo(1.144 * width);
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
    expect(scoreAt(picture.width + 0.05 * head)).toBe(inside);
    expect(scoreAt(picture.width + 0.1 * head)).toBeGreaterThan(0.9 * inside);
    expect(scoreAt(picture.width + 0.34 * head)).toBeLessThan(0.2);
    expect(scoreAt(picture.width + 3 * head)).toBeLessThan(0.01);
  });

  test('scores rise with the evidence and stay probabilities', () => {
    for (const model of LANDMARK_MODELS) {
      const valid = VALID_PERSON_SCORE[model];
      // The documented filter keeps boxes over .03.
      expect(locationScore(valid, model)).toBeCloseTo(0.03, 6);
      expect(locationScore(1, model)).toBe(1);
      expect(locationScore(valid - 0.1, model)).toBeLessThan(0.001);
      expect(locationScore(valid + 0.15, model)).toBeGreaterThan(0.9);
    }
    expect(keypointScore(0.95, 0.9)).toBeGreaterThan(0.9);
    expect(keypointScore(0.05, 0.5)).toBeLessThan(0.2);
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

describe('the second person detector', () => {
  test('gives boxes at its peaks, in picture pixels, each once', () => {
    const peaks = new Float32Array(128 * 128);
    const sizes = new Float32Array(4 * 128 * 128);
    const cell = 64 * 128 + 32;
    peaks[cell] = 0.8;
    peaks[cell + 1] = 0.7;
    peaks[cell + 3] = 0.6;
    for (const at of [cell, cell + 1, cell + 3]) {
      for (const [plane, length] of [64, 128, 64, 128].entries()) sizes[plane * 128 * 128 + at] = length;
    }
    const region = { centreX: 512, centreY: 512, size: 1024, rotation: 0 };
    const boxes = decodePersonBoxes({ peaks, sizes }, region, 0.2);
    expect(boxes).toHaveLength(1);
    expect(boxes[0]?.score).toBeCloseTo(0.8);
    expect(boxes[0]).toMatchObject({ left: 128, top: 256, width: 256, height: 512 });
    expect(decodePersonBoxes({ peaks, sizes }, region, 0.9)).toEqual([]);
  });
});

describe('regions for people cut off', () => {
  const size = { width: 400, height: 300, originalWidth: 400, originalHeight: 300 };

  test('reach below the picture, and are not made for people seen whole', () => {
    expect(cutOffRegion({ left: 100, top: 50, width: 80, height: 240 }, size)).toBeUndefined();
    expect(cutOffRegion({ left: 100, top: 100, width: 100, height: 400 }, size)).toEqual({
      centreX: 150,
      centreY: 300,
      size: 480,
      rotation: 0,
    });
  });
});

describe('tiles', () => {
  test('cover the picture with enough overlap', () => {
    const found = tiles(1000, 600, 1 / 2.4);
    const side = 1000 / 2.4;
    for (const tile of found) expect(tile.size).toBeCloseTo(side);
    const columns = [...new Set(found.map(({ centreX }) => centreX))];
    expect((columns[0] ?? NaN) - side / 2).toBeCloseTo(0);
    expect((columns.at(-1) ?? NaN) + side / 2).toBeCloseTo(1000);
    for (const [index, column] of columns.slice(1).entries()) {
      expect(column - (columns[index] ?? NaN)).toBeLessThanOrEqual(0.65 * side + 1e-6);
    }
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

describe('the silhouette', () => {
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
    const box = silhouetteBox({ region, logits }, parts);
    expect(box?.left).toBeCloseTo(70, 0);
    expect((box?.left ?? 0) + (box?.width ?? 0)).toBeCloseTo(130, 0);
    expect(box?.top).toBeCloseTo(75, 0);
  });

  test('is turned and mirrored with its region', () => {
    const logits = mask((x, y) => x > 100 && Math.abs(y - 100) < 10);
    const mirrored = silhouetteBox({ region: { ...region, mirrored: true }, logits }, parts);
    expect((mirrored?.left ?? 0) + (mirrored?.width ?? 0)).toBeCloseTo(100, 0);
    const turned = silhouetteBox({ region: { ...region, rotation: Math.PI / 2 }, logits }, parts);
    expect(turned?.top).toBeCloseTo(100, 0);
    expect(turned?.width).toBeCloseTo(20, 0);
  });

  test('gives the box half-way to the body that the person detector saw, if it is the same', () => {
    const picture = { width: 1000, height: 1000, originalWidth: 1000, originalHeight: 1000 };
    const person = figure();
    const { left, top, width, height } = person.box;
    const same = { left: left - 10, top: top - 20, width: width + 30, height: height + 20 };
    const other = { left: left + width / 2, top, width, height };
    expect(locate(person, [], picture).width).toBeCloseTo(width);
    expect(locate(person, [other], picture).left).toBeCloseTo(left);
    const box = locate(person, [other, same], picture);
    expect(box.left).toBeCloseTo(left - 5);
    expect(box.top).toBeCloseTo(top - 10);
    expect(box.left + box.width).toBeCloseTo(left + width + 10);
    expect(box.top + box.height).toBeCloseTo(top + height);
  });

  test('gives no box where there is nothing', () => {
    expect(silhouetteBox({ region, logits: mask(() => false) }, parts)).toBeUndefined();
    expect(
      silhouetteBox({ region, logits: new Float32Array(256 * 256).fill(Number.NaN) }, parts),
    ).toBeUndefined();
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
    expect(oks(strong, strong)).toBeCloseTo(1);
    expect(withoutDuplicates([weak, strong])).toEqual([strong]);
  });

  test('two people side by side stay two, the surer first', () => {
    const left = figure({ ...REGION, centreX: 200 }, 2);
    const right = figure(REGION, 6);
    expect(withoutDuplicates([left, right])).toEqual([right, left]);
  });
});

describe('a photo', () => {
  const none = { tiles: [], loneSide: Infinity, minPersonScore: 0.2, wider: false, cutOff: false, looks: 0 };
  const full = { model: 'full' } as const;
  const detectPersons = async () => ({
    peaks: new Float32Array(128 * 128),
    sizes: new Float32Array(4 * 128 * 128),
  });

  const picture = { width: 1000, height: 800, originalWidth: 1000, originalHeight: 800 };

  /** How the three networks are made up. */
  interface Models extends Looking {
    detect: () => Promise<Outputs<'boxes' | 'scores'>>;
    detectPersons: () => Promise<Outputs<'peaks' | 'sizes'>>;
    onLook?: () => void;
  }
  interface Looking {
    look: (region: Region, withMask: boolean) => LandmarkOutput;
    batch: number;
  }

  /** Each with its own answers; the landmark model is asked for no more regions at a time than it says. */
  function networksOf({ detect, detectPersons: detectBodies, look, batch, onLook }: Models): Networks {
    return fakeNetworks(
      [fake(POSE_DETECTOR, detect), fake(CENTERNET, detectBodies), fake(BLAZEPOSE.full, look)],
      {
        batch,
        onRun: (network, regions) => {
          expect(regions.length).toBeLessThanOrEqual(batch);
          if (network.file === BLAZEPOSE.full.file) onLook?.();
        },
      },
    );
  }

  function looking(look: Looking['look'], batch = 1): Looking {
    return { look, batch };
  }

  /** A detector that sees faces at the given anchors of stride 32, each with hips below it. */
  function detectorSeeing(...anchors: number[]): { boxes: Float32Array; scores: Float32Array } {
    const boxes = new Float32Array(2254 * 12);
    const scores = new Float32Array(2254).fill(-100);
    for (const anchor of anchors) {
      scores[anchor] = 3;
      boxes.set([0, 0, 20, 20, 0, 60, 0, 0], anchor * 12);
    }
    return { boxes, scores };
  }

  test('without anyone gives nobody and runs no landmark model', async () => {
    let runs = 0;
    const { people } = await analysePhoto(
      networksOf({
        detect: async () => detectorSeeing(),
        detectPersons,
        ...looking(() => {
          runs++;
          return landmarkOutput(standing);
        }),
      }),
      picture,
      none,
      full,
    );
    expect(people).toEqual([]);
    expect(runs).toBe(0);
  });

  test('always gives the documented answer, whatever the models say', async () => {
    // A small generator with a seed, so that a failure can be repeated.
    let state = 20_261_123;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const odd = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 0, 1e-30];
    const number = (scale: number) =>
      random() < 0.02 ? (odd[Math.floor(random() * odd.length)] ?? 0) : (random() - 0.5) * scale;
    const fill = (length: number, scale: number) => Float32Array.from({ length }, () => number(scale));
    const some = (list: Float32Array[]) => list[Math.floor(random() * list.length)] ?? new Float32Array();
    // Making these anew for every look would take longer than all the rest.
    const heatmaps = Array.from({ length: 5 }, () => fill(LANDMARK_COUNT * 4096, 30));
    const masks = Array.from({ length: 5 }, () => fill(256 * 256, 10));
    let seen = 0;
    for (let round = 0; round < 20; round++) {
      const size = {
        width: 15 + Math.floor(random() * 900),
        height: 15 + Math.floor(random() * 900),
        originalWidth: 15 + Math.floor(random() * 9000),
        originalHeight: 15 + Math.floor(random() * 9000),
      };
      const { people, explanation } = await analysePhoto(
        networksOf({
          detect: async () => ({
            boxes: fill(2254 * 12, 600),
            scores: fill(2254, 8).map((score) => (random() < 0.003 ? score : -50)),
          }),
          detectPersons: async () => ({
            peaks: fill(128 * 128, 1).map((peak) => (random() < 0.001 ? peak + 0.5 : 0)),
            sizes: fill(4 * 128 * 128, 400),
          }),
          ...looking(
            () => ({
              landmarks: fill(LANDMARK_COUNT * 5, 600),
              flag: Float32Array.of(random() < 0.1 ? number(4) : 0.5 + random() / 2),
              heatmap: some(heatmaps),
              world: fill(LANDMARK_COUNT * 3, 2),
              mask: some(masks),
            }),
            1 + (round % 4),
          ),
        }),
        size,
        PLANS.best,
        full,
      );
      seen += people.length;
      expect(explanation.persons).toHaveLength(people.length);
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
    expect(seen).toBeGreaterThan(50);
  });

  test('spends no run on a region that there is nothing in', async () => {
    const output = detectorSeeing(1960, 1960 + 3 * 6);
    // No distance between hips and body's edge, and one that is no number.
    output.boxes.fill(0, 1960 * 12 + 4, 1960 * 12 + 12);
    output.boxes.fill(Number.NaN, (1960 + 3 * 6) * 12 + 4, (1960 + 3 * 6) * 12 + 12);
    let runs = 0;
    const models = networksOf({
      detect: async () => output,
      detectPersons,
      ...looking(() => {
        runs++;
        return landmarkOutput(standing);
      }),
    });
    expect((await analysePhoto(models, picture, none, full)).people).toEqual([]);
    expect(runs).toBe(0);
  });

  test('gives everyone whom the landmark model confirms', async () => {
    const regions: number[] = [];
    const { people } = await analysePhoto(
      networksOf({
        // Columns 0, 3 and 6 of the first row of the 7 × 7 grid, six anchors a cell.
        detect: async () => detectorSeeing(1960, 1960 + 3 * 6, 1960 + 6 * 6),
        detectPersons,
        ...looking((region) => {
          regions.push(Math.round(region.centreX));
          return landmarkOutput(standing, 6, regions.length === 2 ? 0.4 : 1);
        }),
      }),
      picture,
      none,
      full,
    );
    expect(regions).toHaveLength(3);
    expect(people).toHaveLength(2);
  });

  test('looks again where each person is, in the mirror by turns, and takes the box from the last mask', async () => {
    const looks: { mirrored: boolean; withMask: boolean }[] = [];
    const { people, explanation } = await analysePhoto(
      networksOf({
        detect: async () => detectorSeeing(1960 + 3 * 6),
        detectPersons,
        ...looking((region, withMask) => {
          looks.push({ mirrored: region.mirrored ?? false, withMask });
          const output = landmarkOutput(standing);
          // The middle half of the region, from top to bottom.
          const mask = Float32Array.from({ length: 256 * 256 }, (_, at) =>
            Math.abs((at % 256) - 128) < 64 ? 9 : -9,
          );
          return withMask ? { ...output, mask } : output;
        }),
      }),
      picture,
      { ...none, looks: 3 },
      { ...full, extras: ['mask'] },
    );
    expect(looks).toEqual([
      { mirrored: false, withMask: false },
      { mirrored: true, withMask: false },
      { mirrored: false, withMask: false },
      { mirrored: true, withMask: true },
    ]);
    expect(explanation.persons).toEqual([{ score: expect.closeTo(1, 1), looks: 4 }]);
    expect(people[0]?.extras?.mask).toBeDefined();
    const parts = Object.values(people[0]?.body_parts ?? {}).map(({ x }) => x);
    const { left = NaN, width = NaN } = people[0]?.location ?? {};
    // Wider than any margin around the parts would make it.
    expect(left).toBeLessThan(Math.min(...parts) - 0.2 * (Math.max(...parts) - Math.min(...parts)));
    expect(left + width).toBeGreaterThan(
      Math.max(...parts) + 0.2 * (Math.max(...parts) - Math.min(...parts)),
    );
  });

  test('gives the same answer however many regions are looked at in one run', async () => {
    const answers = [];
    for (const batch of [1, 2, 4, 100]) {
      let runs = 0;
      const models = looking((region, withMask) => {
        const output = landmarkOutput((index) => standingAt(index, region.centreX < 400 ? 100 : 600, region));
        const mask = Float32Array.from({ length: 256 * 256 }, (_, at) => (at % 256 < 200 ? 9 : -9));
        return withMask ? { ...output, mask } : output;
      }, batch);
      const steps: Parameters<OnStep>[] = [];
      const analysis = await analysePhoto(
        networksOf({
          detect: async () => detectorSeeing(1960, 1960 + 4 * 6, 1960 + 6 * 6),
          detectPersons,
          ...models,
          onLook: () => runs++,
        }),
        picture,
        { ...none, looks: 3 },
        { ...full, onStep: (...step) => steps.push(step) },
      );
      answers.push(analysis);
      // Three places, then three rounds of two people.
      expect(runs).toBe(Math.ceil(3 / batch) + 3 * Math.ceil(2 / batch));
      expect(steps.at(-1)).toEqual(['refine', 6, 6]);
    }
    expect(answers[0]?.people).toHaveLength(2);
    for (const other of answers) expect(other).toEqual(answers[0]);
  });

  test('tells its steps in order, and what became of every region', async () => {
    const steps: Parameters<OnStep>[] = [];
    let run = 0;
    const { people, explanation } = await analysePhoto(
      networksOf({
        // Twice the same person, another one, and nobody.
        detect: async () => detectorSeeing(1960, 1960 + 1 * 6, 1960 + 4 * 6, 1960 + 6 * 6),
        detectPersons,
        ...looking((region) => {
          run++;
          const flag = run === 4 ? 0.1 : 1;
          return landmarkOutput(
            (index) => standingAt(index, region.centreX < 400 ? 100 : 600, region),
            run === 2 ? 2 : 6,
            flag,
          );
        }),
      }),
      picture,
      none,
      { ...full, onStep: (...step) => steps.push(step) },
    );
    expect(people).toHaveLength(2);
    expect(explanation.regions.map(({ outcome }) => outcome)).toEqual([
      'person',
      'same-pose',
      'person',
      'no-person',
    ]);
    const [first, twin, , nobody] = explanation.regions;
    expect(twin?.person).toBe(first?.person);
    expect(nobody).not.toHaveProperty('person');
    expect(explanation.squares).toMatchObject([
      { detector: 'pose', found: 4 },
      { detector: 'person', found: 0 },
    ]);
    expect(explanation.squares[0]?.corners).toEqual([
      [0, -100],
      [1000, -100],
      [1000, 900],
      [0, 900],
    ]);
    expect([...new Set(steps.map(([stage]) => stage))]).toEqual(['detect', 'landmarks', 'refine']);
    for (const stage of ['detect', 'landmarks', 'refine']) {
      const own = steps.filter(([name]) => name === stage);
      expect(own[0]?.[1]).toBe(0);
      expect(own.at(-1)?.[1]).toBe(own.at(-1)?.[2]);
    }
  });

  test('does not ask the person detector where someone fills the picture alone and is recognised', async () => {
    const analyse = async (loneSide: number, faces: number, flag = 1, extras: readonly Extra[] = []) => {
      let asked = 0;
      const steps: Parameters<OnStep>[] = [];
      const anchors = [1960, 1960 + 4 * 6].slice(0, faces);
      const models = networksOf({
        detect: async () => detectorSeeing(...anchors),
        detectPersons: () => {
          asked++;
          return detectPersons();
        },
        ...looking((_, withMask) => {
          const output = landmarkOutput(standing, 6, flag);
          return withMask ? { ...output, mask: new Float32Array(256 * 256) } : output;
        }),
      });
      const { explanation } = await analysePhoto(
        models,
        picture,
        { ...none, looks: 1, loneSide },
        { ...full, extras, onStep: (...step) => steps.push(step) },
      );
      const looks = steps.filter(([stage]) => stage === 'landmarks');
      expect(looks.at(-1)?.[1]).toBe(looks.at(-1)?.[2]);
      return {
        asked,
        regions: explanation.regions.map(({ outcome }) => outcome),
        looks: explanation.persons.map((person) => person.looks),
      };
    };
    // 60 of 224 pixels of a square of 1000 from the hips to the edge of the body's circle, twice that and a quarter more.
    expect(await analyse(0.65, 1)).toEqual({ asked: 0, regions: ['person'], looks: [1] });
    expect(await analyse(0.7, 1)).toEqual({ asked: 1, regions: ['person'], looks: [2] });
    // The mask takes another look.
    expect(await analyse(0.65, 1, 1, ['mask'])).toEqual({ asked: 0, regions: ['person'], looks: [2] });
    expect((await analyse(0.65, 2)).asked).toBe(1);
    // Looked at once, and not again.
    expect(await analyse(0.65, 1, 0.2)).toEqual({ asked: 1, regions: ['no-person'], looks: [] });
  });

  test('looks from further away at a body in whose box nobody was recognised', async () => {
    const sizes: number[] = [];
    const peaks = new Float32Array(128 * 128);
    const planes = new Float32Array(4 * 128 * 128);
    peaks[64 * 128 + 64] = 0.9;
    for (let plane = 0; plane < 4; plane++) planes[plane * 128 * 128 + 64 * 128 + 64] = 40;
    const look = async (recognisedAt: number) => {
      sizes.length = 0;
      const models = networksOf({
        detect: async () => detectorSeeing(),
        detectPersons: async () => ({ peaks, sizes: planes }),
        ...looking((region) => {
          sizes.push(Math.round(region.size));
          return landmarkOutput(standing, 6, sizes.length >= recognisedAt ? 1 : 0.2);
        }),
      });
      return (await analysePhoto(models, picture, { ...none, wider: true }, full)).explanation.regions;
    };
    // 80 of 512 pixels of a square of 1000, 1.6 times, then 1.3 times that.
    expect((await look(2)).map(({ origin, outcome }) => [origin, outcome])).toEqual([
      ['person', 'no-person'],
      ['wider', 'person'],
    ]);
    expect(sizes).toEqual([250, 325]);
  });
});
