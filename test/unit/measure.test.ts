import { describe, expect, test } from 'vitest';
import {
  angleOf,
  bodyLength,
  distanceBetween,
  hipHeight,
  HoldTimer,
  JOINT_ANGLES,
  jointAngles,
  normalisePose,
  poseSimilarity,
  RepCounter,
  SQUATS,
} from '../../src/measure/index.ts';
import type { MeasurablePerson, RepOptions } from '../../src/measure/index.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import golden from '../support/golden.json' with { type: 'json' };
import { Random } from '../support/pictures/random.ts';
import truth from '../support/sample-truth.json' with { type: 'json' };

/*
 * A body that stands upright, 1000 pixels tall, by the shares of its height that
 * anatomy gives; what of it a test moves is in `moved`.
 */
const STANDING: Readonly<Record<BodyPart, readonly [x: number, y: number]>> = {
  top_head: [0, -1000],
  left_ear: [45, -936],
  right_ear: [-45, -936],
  left_eye: [30, -945],
  right_eye: [-30, -945],
  nose: [0, -930],
  left_mouth_corner: [20, -910],
  right_mouth_corner: [-20, -910],
  neck: [0, -850],
  left_shoulder: [115, -818],
  right_shoulder: [-115, -818],
  left_elbow: [115, -632],
  right_elbow: [-115, -632],
  left_wrist: [115, -486],
  right_wrist: [-115, -486],
  left_hip: [95, -530],
  right_hip: [-95, -530],
  left_knee: [95, -285],
  right_knee: [-95, -285],
  left_ankle: [95, -39],
  right_ankle: [-95, -39],
};

type Move = (place: { x: number; y: number }, part: BodyPart) => { x: number; y: number };

/** Someone whose points lie where they are moved to; those that are named are not sure. */
function body(move: Move = (place) => place, unsure: readonly BodyPart[] = []): MeasurablePerson {
  const entries = BODY_PARTS.map((part) => {
    const [x, y] = STANDING[part];
    return [part, { ...move({ x, y }, part), score: unsure.includes(part) ? 0.1 : 0.9 }];
  });
  return { body_parts: Object.fromEntries(entries) };
}

/** Puts some parts elsewhere. */
const moved =
  (places: Partial<Record<BodyPart, readonly [number, number]>>): Move =>
  (place, part) => {
    const [x, y] = places[part] ?? [place.x, place.y];
    return { x, y };
  };

/** Turns everything to the right about the middle of the hips. */
const turned =
  (degrees: number): Move =>
  ({ x, y }) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return { x: x * cos - (y + 530) * sin, y: x * sin + (y + 530) * cos };
  };

/** A mirror, in which left and right change names too. */
function mirrored({ body_parts }: MeasurablePerson): MeasurablePerson {
  const entries = BODY_PARTS.map((part) => {
    const twin = BODY_PARTS.find(
      (other) => other === part.replace(/^(left|right)/, (side) => (side === 'left' ? 'right' : 'left')),
    );
    const { x, y, score } = body_parts[twin ?? part];
    return [part, { x: -x, y, score }];
  });
  return { body_parts: Object.fromEntries(entries) };
}

const degreesOf = (person: MeasurablePerson) =>
  Object.fromEntries(
    Object.entries(jointAngles(person)).flatMap(([name, angle]) => (angle ? [[name, angle.degrees]] : [])),
  );

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

describe('angles', () => {
  test('of someone upright are straight, and none lean', () => {
    const angles = degreesOf(body());
    for (const name of ['left_elbow', 'right_elbow', 'left_knee', 'right_knee'])
      expect(angles[name]).toBeCloseTo(180);
    // The trunk is wider at the shoulders than at the hips.
    expect(angles['left_hip']).toBeGreaterThan(172);
    expect(angles['left_shoulder']).toBeLessThan(8);
    expect(angles['trunk_lean']).toBeCloseTo(0);
    expect(angles['neck_tilt']).toBeCloseTo(0);
    expect(Object.keys(jointAngles(body()))).toEqual([...JOINT_ANGLES]);
  });

  test.each([
    ['a right angle', [315, -632], 90],
    ['a half right one', [115 + 100, -732], 45],
    ['one that is closed', [115, -818], 0],
  ] as const)('of an elbow show %s', (_name, wrist, degrees) => {
    expect(degreesOf(body(moved({ left_wrist: wrist })))['left_elbow']).toBeCloseTo(degrees);
  });

  test.each([30, -30, 90, 170, -120])('lean with the whole body, %d degrees', (degrees) => {
    const angles = degreesOf(body(turned(degrees)));
    expect(angles['trunk_lean']).toBeCloseTo(degrees);
    expect(angles['neck_tilt']).toBeCloseTo(0);
    expect(angles['left_knee']).toBeCloseTo(180);
  });

  test('tilt with the head alone, to the right', () => {
    const angles = degreesOf(body(moved({ top_head: [150, -1000] })));
    expect(angles['neck_tilt']).toBeCloseTo(45);
    expect(angles['trunk_lean']).toBeCloseTo(0);
  });

  test('are not told where a point is not sure, or two coincide', () => {
    const angles = jointAngles(body(moved({ right_ankle: [-95, -285] }), ['left_knee']));
    expect(angles.left_knee).toBeUndefined();
    expect(angles.left_hip).toBeUndefined();
    expect(angles.right_knee).toBeUndefined();
    expect(angles.right_hip?.score).toBe(0.9);
    expect(jointAngles(body(undefined, ['left_knee']), { keypointScore: 0.05 }).left_knee?.score).toBe(0.1);
  });

  test('of ankles need the toes', () => {
    const person = body();
    expect(jointAngles(person).left_ankle).toBeUndefined();
    const landmark = { x: 215, y: -39, z: 0, visibility: 0.8, presence: 0.9 };
    const extras = { landmarks33: Array.from({ length: 33 }, () => landmark) };
    const { left_ankle } = jointAngles({ ...person, extras });
    expect(left_ankle?.degrees).toBeCloseTo(90);
    expect(left_ankle?.score).toBe(0.8);
  });

  test('of the rendered people are the true ones, as far as these are seen', () => {
    const errors: number[] = [];
    for (const { id, persons } of truth) {
      const answer: { person_info: MeasurablePerson[] } | undefined = Object.entries(golden).find(
        ([name]) => name === id,
      )?.[1];
      for (const { keypoints } of persons) {
        const places: Partial<Record<string, { x: number; y: number; visible: boolean }>> = keypoints;
        const entries = BODY_PARTS.map((part) => {
          const { x, y, visible } = places[part] ?? { x: 0, y: 0, visible: false };
          return [part, { x, y, score: visible ? 1 : 0 }];
        });
        const real: MeasurablePerson = { body_parts: Object.fromEntries(entries) };
        const found = answer?.person_info.toSorted((a, b) => apart(a, real) - apart(b, real))[0];
        if (!found) continue;
        const angles = jointAngles(found);
        for (const [name, angle] of Object.entries(jointAngles(real))) {
          const told = Object.entries(angles).find(([other]) => other === name)?.[1];
          if (!angle || !told) continue;
          const error = Math.abs(told.degrees - angle.degrees);
          errors.push(Math.min(error, 360 - error));
        }
      }
    }
    expect(errors.length).toBeGreaterThan(80);
    expect(middle(errors)).toBeLessThan(6);
  });
});

/** How far two people's necks are from each other. */
function apart(one: MeasurablePerson, other: MeasurablePerson): number {
  const [a, b] = [one.body_parts.neck, other.body_parts.neck];
  return Math.hypot(a.x - b.x, a.y - b.y);
}

describe('likeness', () => {
  const armUp = moved({ left_elbow: [115, -1000], left_wrist: [115, -1150] });

  test('does not depend on place and size', () => {
    const elsewhere = body(({ x, y }) => ({ x: 0.3 * x + 500, y: 0.3 * y + 900 }));
    expect(poseSimilarity(body(), elsewhere)).toBeCloseTo(1);
    const [one, other] = [normalisePose(body()), normalisePose(elsewhere)];
    expect(other?.size).toBeCloseTo(0.3 * (one?.size ?? 0));
    expect(other?.points.left_knee.x).toBeCloseTo(one?.points.left_knee.x ?? NaN);
    expect(other?.points.left_knee.y).toBeCloseTo(one?.points.left_knee.y ?? NaN);
    expect(one?.points.left_knee.score).toBe(0.9);
  });

  test('falls the more, the more differs', () => {
    const one = poseSimilarity(body(), body(armUp)) ?? NaN;
    const both = poseSimilarity(
      body(),
      body((place, part) =>
        part === 'right_elbow'
          ? { x: -115, y: -1000 }
          : part === 'right_wrist'
            ? { x: -115, y: -1150 }
            : armUp(place, part),
      ),
    );
    const upsideDown = poseSimilarity(body(), body(turned(180)));
    expect(one).toBeGreaterThan(0.6);
    expect(one).toBeLessThan(0.95);
    expect(both).toBeLessThan(one - 0.03);
    expect(upsideDown).toBeLessThan(0.2);
  });

  test('is that of a mirror image where it is asked for', () => {
    const one = body(armUp);
    expect(poseSimilarity(one, mirrored(one))).toBeLessThan(0.9);
    expect(poseSimilarity(one, mirrored(one), { mirror: true })).toBeCloseTo(1);
    expect(poseSimilarity(one, one, { mirror: true })).toBeCloseTo(1);
  });

  test('counts what both are sure of only', () => {
    const hidden = body(armUp, ['left_elbow', 'left_wrist']);
    expect(poseSimilarity(body(), hidden)).toBeCloseTo(1);
    const nothing = body(undefined, BODY_PARTS.slice(3));
    expect(poseSimilarity(body(), nothing)).toBeUndefined();
    expect(normalisePose(nothing)).toBeUndefined();
    const point = body(() => ({ x: 3, y: 3 }));
    expect(poseSimilarity(body(), point)).toBeUndefined();
  });
});

describe('lengths', () => {
  const close = (value: number | undefined, wanted: number) => expect(value).toBeCloseTo(wanted, 0);

  test('are in shares of the height, near and far', () => {
    close(bodyLength(body()), 1000);
    const far = body(({ x, y }) => ({ x: x / 10, y: y / 10 }));
    close(bodyLength(far), 100);
    expect(distanceBetween(far, 'left_wrist', 'right_wrist')).toBeCloseTo(0.23);
    expect(hipHeight(far)).toBeCloseTo(0.491);
  });

  test('are told by what is not foreshortened, and by arms where the rest is hidden', () => {
    // Seen from the front, who sits has thighs of no length.
    expect(bodyLength(body(moved({ left_hip: [95, -285], right_hip: [-95, -285] })))).toBeGreaterThan(1800);
    const seated = body(({ x, y }, part) => ({ x, y: /knee|ankle/.test(part) ? y : y + 245 }));
    close(bodyLength(seated), 1000);
    expect(hipHeight(seated)).toBeCloseTo(0.246);
    const legs = BODY_PARTS.filter((part) => /hip|knee|ankle/.test(part));
    close(bodyLength(body(undefined, legs)), 1000);
    expect(hipHeight(body(undefined, legs))).toBeUndefined();
    expect(bodyLength(body(undefined, BODY_PARTS))).toBeUndefined();
    expect(distanceBetween(body(undefined, ['nose']), 'nose', 'left_wrist')).toBeUndefined();
  });
});

/** Squats of 1.8 s with a second between them, seen from the front: the thighs come to point at the camera. */
function squatsAt(seconds: number): { depth: number; count: number } {
  const PERIOD = 2.8;
  const within = (seconds % PERIOD) - 1;
  return {
    depth: within < 0 ? 0 : Math.sin((Math.PI * within) / 1.8) ** 2,
    count: Math.floor(seconds / PERIOD),
  };
}

describe('repetitions', () => {
  const crouched =
    (depth: number): Move =>
    ({ x, y }, part) => {
      if (/ankle/.test(part)) return { x, y };
      if (/knee/.test(part)) return { x: x * (1 + 0.4 * depth), y: y + 30 * depth };
      return { x, y: y + 230 * depth };
    };

  /** A clip of ten squats and more, whose points jump about and of whose frames some are missing. */
  function* clip(framesPerSecond: number, missing: number, seed: number) {
    const random = new Random(seed);
    for (let frame = 0; frame < 30 * framesPerSecond; frame++) {
      const seconds = frame / framesPerSecond;
      const { depth, count } = squatsAt(seconds);
      const jitter = () => (random.next() - 0.5) * 30;
      const place = crouched(depth);
      const person = body((at, part) => {
        const { x, y } = place(at, part);
        return { x: x + jitter(), y: y + jitter() };
      });
      const isMissing = random.next() < missing;
      yield { person: isMissing ? undefined : person, timestamp: 1000 * seconds, count };
    }
  }

  describe.each([30, 15, 8])('of squats at %d frames per second', (framesPerSecond) => {
    test.each([
      ['their hips', SQUATS],
      ['their likeness with who stands', likeness()],
    ] as const)('are counted exactly, by %s, a tenth of the frames missing', (_name, options) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const counter = new RepCounter(options);
        let news = 0;
        for (const { person, timestamp, count } of clip(framesPerSecond, 0.1, seed)) {
          const state = counter.add(person, timestamp);
          news += state.isNew ? 1 : 0;
          expect(Math.abs(state.count - count)).toBeLessThanOrEqual(1);
        }
        expect(counter.count).toBe(10);
        expect(news).toBe(10);
      }
    });
  });

  function likeness(): RepOptions {
    const standing = body();
    return { measure: (person) => poseSimilarity(person, standing), low: 0.8, high: 0.92 };
  }

  /** Someone of whom only the measure matters, in frames of a tenth of a second. */
  function counted(values: readonly (number | undefined)[], options: Partial<RepOptions> = {}) {
    let value: number | undefined;
    const counter = new RepCounter({ measure: () => value, low: 10, high: 20, ...options });
    for (const [frame, next] of values.entries()) {
      value = next;
      counter.add(body(), 100 * frame);
    }
    return counter;
  }
  const times = (count: number, value: number | undefined) => Array.from({ length: count }, () => value);

  test('need a whole way there and back', () => {
    expect(counted([...times(5, 25), ...times(5, 5), ...times(5, 25)]).count).toBe(1);
    expect(counted([...times(5, 25), ...times(5, 12), ...times(5, 25)]).count).toBe(0);
    expect(counted([...times(5, 25), ...times(5, 5), ...times(5, 15)]).count).toBe(0);
    expect(counted([...times(5, 5), ...times(5, 25), ...times(5, 5)], { rest: 'low' }).count).toBe(1);
  });

  test('are no single false frames, nor those that are too short', () => {
    expect(counted([...times(5, 25), 5, ...times(5, 25)]).count).toBe(0);
    const short = [...times(5, 25), ...times(4, 5), ...times(5, 25)];
    expect(counted(short).count).toBe(1);
    expect(counted(short, { minDurationMs: 1000 }).count).toBe(0);
  });

  test('go on after a gap, but not after a long one, nor where time goes back', () => {
    const gap = (frames: number) =>
      counted([...times(5, 25), ...times(5, 5), ...times(frames, undefined), ...times(5, 25)]).count;
    expect(gap(10)).toBe(1);
    expect(gap(30)).toBe(0);
    const counter = counted([...times(5, 25), ...times(5, 5)]);
    for (let again = 0; again < 5; again++) counter.add(body(), 100 * again);
    expect(counter.count).toBe(0);
  });

  test('begin anew', () => {
    const counter = counted([...times(5, 25), ...times(5, 5), ...times(5, 25)]);
    counter.reset();
    expect(counter.count).toBe(0);
    expect(counter.add(undefined, 0)).toEqual({ count: 0, phase: undefined, value: undefined, isNew: false });
  });
});

describe('what is held', () => {
  const measure = angleOf(['left_elbow', 'right_elbow']);
  const bent = body(moved({ left_wrist: [315, -632], right_wrist: [-315, -632] }));

  test('lasts while it is not left for long', () => {
    const timer = new HoldTimer({ measure, max: 100 });
    expect(timer.add(body(), 0)).toEqual({ isHeld: false, heldMs: 0, longestMs: 0 });
    for (const timestamp of [100, 200, 300]) timer.add(bent, timestamp);
    expect(timer.add(undefined, 400)).toEqual({ isHeld: true, heldMs: 200, longestMs: 200 });
    expect(timer.add(bent, 550)).toEqual({ isHeld: true, heldMs: 450, longestMs: 450 });
    expect(timer.add(body(), 900)).toEqual({ isHeld: false, heldMs: 0, longestMs: 450 });
    expect(timer.add(bent, 1000)).toEqual({ isHeld: true, heldMs: 0, longestMs: 450 });
    timer.reset();
    expect(timer.add(undefined, 1100)).toEqual({ isHeld: false, heldMs: 0, longestMs: 0 });
  });

  test('is measured by the angles that are sure', () => {
    expect(measure(body(moved({ left_wrist: [315, -632] })))).toBeCloseTo(135);
    expect(measure(body(moved({ left_wrist: [315, -632] }), ['right_elbow']))).toBeCloseTo(90);
    expect(measure(body(undefined, ['left_elbow', 'right_elbow']))).toBeUndefined();
  });
});

test.each([
  ['keypointScore', () => jointAngles(body(), { keypointScore: 2 })],
  ['keypointScore', () => angleOf(['left_knee'], { keypointScore: NaN })],
  ['keypointScore', () => poseSimilarity(body(), body(), { keypointScore: -1 })],
  ['low', () => new RepCounter({ measure: () => 1, low: 2, high: 1 })],
  ['minDurationMs', () => new RepCounter({ ...SQUATS, minDurationMs: -1 })],
  ['maxGapMs', () => new RepCounter({ ...SQUATS, maxGapMs: NaN })],
  ['min', () => new HoldTimer({ measure: () => 1, min: 2, max: 1 })],
  ['toleranceMs', () => new HoldTimer({ measure: () => 1, toleranceMs: -1 })],
])('a %s that cannot be is told by its name', (name, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  expect(call).toThrow(name);
});
