import { describe, expect, test } from 'vitest';
import type { Landmark } from '../../src/pipeline/landmarks.ts';
import type { PoseModels } from '../../src/pipeline/photo.ts';
import { PoseSmoother } from '../../src/pipeline/smoothing.ts';
import { Follower } from '../../src/pipeline/video.ts';
import { filterValidPersons } from '../../src/schema/validity.ts';
import type { TrackedPerson } from '../../src/schema/tracking.ts';
import { landmarkOutput, standing } from '../support/landmarks.ts';

const SIDE = 1000;
const PICTURE = { width: SIDE, height: SIDE, originalWidth: SIDE, originalHeight: SIDE };
const HEIGHT = 300;
const FRAME_MS = 1000 / 15;

/** Someone in a made-up scene, 300 pixels high, the middle of the hips at (x, 500). */
interface Actor {
  x: number;
  /** How far the arms are held out, as a factor: tells one from the other. */
  arms?: number;
  hidden?: boolean;
}

/** A scene as the models would see it, and how often the detectors were asked. */
class Scene implements PoseModels {
  actors: Actor[] = [];
  searches = 0;
  readonly batch = 2;

  async detect() {
    this.searches++;
    return { boxes: new Float32Array(2254 * 12), scores: new Float32Array(2254).fill(-100) };
  }

  async detectPersons() {
    const peaks = new Float32Array(128 * 128);
    const sizes = new Float32Array(4 * 128 * 128);
    for (const { x, hidden } of this.actors) {
      const [column, row] = [x, SIDE / 2].map((value) => Math.round((value / SIDE) * 128));
      if (hidden || column === undefined || row === undefined || column < 0 || column > 127) continue;
      const cell = row * 128 + column;
      peaks[cell] = 0.9;
      for (const [plane, pixels] of [50, HEIGHT / 2, 50, HEIGHT / 2].entries()) {
        sizes[plane * 128 * 128 + cell] = (pixels / SIDE) * 512;
      }
    }
    return { peaks, sizes };
  }

  landmarks: PoseModels['landmarks'] = async (regions) =>
    regions.map(({ centreX, centreY, size }) => {
      const [nearest] = this.actors
        .filter(({ hidden, x }) => !hidden && Math.abs(x - centreX) < size / 4)
        .toSorted((a, b) => Math.abs(a.x - centreX) - Math.abs(b.x - centreX));
      if (!nearest) return landmarkOutput(standing, -20, 0);
      return landmarkOutput((index) => {
        const [u, v] = index === 33 ? [0.5, 0.5] : index === 34 ? [0.5, -0.1] : standing(index);
        const wide = [13, 14, 15, 16].includes(index) ? (nearest.arms ?? 1) : 1;
        return [
          0.5 + (nearest.x + (u - 0.5) * wide * HEIGHT - centreX) / size,
          0.5 + (SIDE / 2 + (v - 0.5) * HEIGHT - centreY) / size,
        ];
      });
    });
}

/** What a follower says of a scene that `at` describes frame by frame. */
async function play(
  frames: number,
  at: (frame: number) => Actor[],
  { maxPersons = 6, lastId = 0 } = {},
): Promise<{ people: TrackedPerson[][]; scene: Scene }> {
  const scene = new Scene();
  const follower = new Follower({ maxPersons, smoothing: {} }, lastId);
  const people: TrackedPerson[][] = [];
  for (let frame = 0; frame < frames; frame++) {
    scene.actors = at(frame);
    people.push(await follower.next(scene, PICTURE, frame * FRAME_MS, { model: 'full' }));
  }
  return { people, scene };
}

function idsOf(people: readonly TrackedPerson[]): number[] {
  return people.map(({ track_id }) => track_id);
}

/** Whose neck is within 40 pixels of `x`. */
function idAt(people: readonly TrackedPerson[] | undefined, x: number): number | undefined {
  return people?.find(({ body_parts }) => Math.abs(body_parts.neck.x - x) < 40)?.track_id;
}

describe('following', () => {
  test('tells of someone from the second sighting on, with one number as they move', async () => {
    const { people, scene } = await play(60, (frame) => [{ x: 200 + 8 * frame }]);
    expect(people[0]).toEqual([]);
    for (const [frame, found] of people.slice(1).entries()) {
      expect(idsOf(found)).toEqual([1]);
      expect(idAt(found, 200 + 8 * (frame + 1))).toBe(1);
    }
    // Detectors are asked less and less where nobody new is found.
    expect(scene.searches).toBeLessThan(10);
    expect(scene.searches).toBeGreaterThan(2);
  });

  test('keeps numbers where two cross and one is hidden for a while', async () => {
    const places = (frame: number) => [200 + 10 * frame, 800 - 10 * frame] as const;
    const { people } = await play(60, (frame) => {
      const [first, second] = places(frame);
      return [
        { x: first, arms: 1.5 },
        { x: second, hidden: Math.abs(first - second) < 90 },
      ];
    });
    const ids = places(5).map((x) => idAt(people[5], x));
    expect(new Set(ids)).toEqual(new Set([1, 2]));
    expect(places(55).map((x) => idAt(people[55], x))).toEqual(ids);
    // Who is hidden is where they should be, and not taken for certain.
    const [front, back] = places(27).map((x) =>
      people[27]?.find(({ body_parts }) => Math.abs(body_parts.neck.x - x) < 40),
    );
    expect(people[27]).toHaveLength(2);
    expect([front?.track_id, back?.track_id]).toEqual(ids);
    expect(back?.location.score).toBeLessThan(0.1);
    expect(filterValidPersons({ person_num: 2, person_info: people[27] ?? [], log_id: '' }).person_num).toBe(
      1,
    );
  });

  test('knows someone who was away for half a second, but not for three', async () => {
    const away = (from: number, to: number) => (frame: number) => [
      { x: 400, hidden: frame >= from && frame < to },
    ];
    const short = await play(40, away(15, 22));
    expect(short.people.slice(15, 22).flat()).toEqual([]);
    expect(idsOf(short.people.at(-1) ?? [])).toEqual([1]);
    const long = await play(80, away(15, 60));
    expect(idsOf(long.people.at(-1) ?? [])).toEqual([2]);
  });

  test('follows at a frame a second just as well', async () => {
    const scene = new Scene();
    const follower = new Follower({ maxPersons: 6, smoothing: {} });
    const people: TrackedPerson[][] = [];
    for (let second = 0; second < 5; second++) {
      scene.actors = [{ x: 300 + 10 * second }];
      people.push(await follower.next(scene, PICTURE, 1000 * second, { model: 'full' }));
    }
    expect(people.map(idsOf)).toEqual([[], [1], [1], [1], [1]]);
  });

  test('takes no more people than it is told to, and begins after the numbers given before', async () => {
    const { people } = await play(10, () => [{ x: 150 }, { x: 400, arms: 1.4 }, { x: 650 }, { x: 900 }], {
      maxPersons: 2,
      lastId: 7,
    });
    expect(idsOf(people.at(-1) ?? [])).toEqual([8, 9]);
  });

  test('sees nobody where nobody is', async () => {
    const { people } = await play(10, () => []);
    expect(people.flat()).toEqual([]);
  });
});

describe('smoothing', () => {
  const SIZE = 400;
  /** One landmark's course through the filter, in pixels at 30 frames a second. */
  function course(xs: readonly number[], options = {}): number[] {
    const smoother = new PoseSmoother(options);
    return xs.map((x, frame) => smoother.smooth([point(x)], SIZE, frame * (1000 / 30))[0]?.x ?? Number.NaN);
  }

  function point(x: number, peak = 1): Landmark {
    return { x, y: 0, peak };
  }

  function deviation(values: readonly number[]): number {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  }

  test('takes most of the jitter from a point at rest', () => {
    // Repeatable noise of half a pixel to either side.
    const noise = Array.from({ length: 300 }, (_, frame) => 100 + Math.sin(frame * 12.9898) / 2);
    const settled = course(noise).slice(30);
    expect(deviation(settled)).toBeLessThan(0.5 * deviation(noise));
  });

  test('is less than a frame behind a point that moves by its size in a second', () => {
    const step = SIZE / 30;
    const xs = Array.from({ length: 60 }, (_, frame) => frame * step);
    const behind = course(xs).map((x, frame) => ((xs[frame] ?? 0) - x) / step);
    expect(Math.max(...behind.slice(10))).toBeLessThan(1);
    // With the speed left out of account it would be far behind.
    expect(course(xs, { beta: 0 }).at(-1)).toBeLessThan(0.9 * (xs.at(-1) ?? 0));
  });

  test('is the same for a person twice as large who moves twice as far', () => {
    const xs = [0, 3, 1, 8, 20, 21, 19, 22];
    const small = new PoseSmoother();
    const large = new PoseSmoother();
    for (const [frame, x] of xs.entries()) {
      const [a] = small.smooth([point(x)], SIZE, frame * 33);
      const [b] = large.smooth([point(2 * x)], 2 * SIZE, frame * 33);
      expect(b?.x).toBeCloseTo(2 * (a?.x ?? Number.NaN), 9);
    }
  });

  test('takes the first landmarks, and those after a reset, as they are; earlier frames change nothing', () => {
    const smoother = new PoseSmoother();
    expect(smoother.smooth([point(5)], SIZE, 100)).toEqual([point(5)]);
    expect(smoother.smooth([point(9)], SIZE, 100)).toEqual([point(9)]);
    const [next] = smoother.smooth([point(6, 0)], SIZE, 133);
    expect(next?.x).toBeGreaterThan(5);
    expect(next?.x).toBeLessThan(6);
    // Scores follow too, and not at once.
    expect(next?.peak).toBeGreaterThan(0.5);
    expect(next?.peak).toBeLessThan(1);
    smoother.reset();
    expect(smoother.smooth([point(50)], SIZE, 166)).toEqual([point(50)]);
  });
});
