import { describe, expect, test } from 'vitest';
import { FrameRate } from '../../src/client/session/frame-rate.ts';
import { BLAZEPOSE, decodePose, seenAs } from '../../src/networks/blazepose.ts';
import type { Landmark } from '../../src/networks/blazepose.ts';
import { followedRegion, headAndNeck } from '../../src/pipeline/video/next-region.ts';
import { whoIsPlainer } from '../../src/pipeline/video/identities.ts';
import { LateNetwork } from '../../src/pipeline/video/late-network.ts';
import type { PrepareNetwork } from '../../src/pipeline/video/late-network.ts';
import { personOfPose } from '../../src/pipeline/parts.ts';
import { Pacer } from '../../src/pipeline/video/pacing.ts';
import type { Networks } from '../../src/pipeline/networks.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import { NANODET } from '../../src/networks/nanodet.ts';
import { POSE_DETECTOR } from '../../src/networks/pose-detector.ts';
import { pictureToRegion } from '../../src/networks/geometry.ts';
import type { Point, Region } from '../../src/networks/geometry.ts';
import type { Outputs } from '../../src/networks/network.ts';
import { PoseSmoother } from '../../src/pipeline/video/smoothing.ts';
import { Track } from '../../src/pipeline/video/track.ts';
import { Tracker } from '../../src/pipeline/video/tracker.ts';
import type { LandmarkModel } from '../../src/schema/loading.ts';
import { filterValidPersons } from '../../src/schema/validity.ts';
import type { PictureRectangle } from '../../src/schema/picture-region.ts';
import type { Extra } from '../../src/schema/result.ts';
import type { SmoothingOptions, TrackedPerson } from '../../src/schema/tracking.ts';
import { bodiesOutput, moveNetOutput, posesOutput } from '../support/bodies.ts';
import { LANDMARK_OF_COCO, landmarkOutput, standing } from '../support/landmarks.ts';
import { fake, fakeNetworks } from '../support/networks.ts';

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
  /** How plain each of the model's points is, in logits, in that region. */
  peak?: (index: number, region: Region) => number;
}

/** Only head, shoulders and arms are plain: what a desk's webcam sees. */
const atDesk = (index: number) => (index < 23 ? 6 : -20);

/** A scene as the networks would see it, and how often the detectors were asked. */
class Scene {
  actors: Actor[] = [];
  searches = 0;
  /** How often NanoDet was. */
  bodySearches = 0;
  /** How often MoveNet has looked, and how far to the right of BlazePose it has everyone, in pixels at scale 1. */
  secondPasses = 0;
  aside = 0;
  /** The landmark model's regions in the last frame that had any. */
  regions: readonly Region[] = [];
  /**
   * The frame's size, as a factor: what actors and {@link PICTURE} are at 1. Seen around the frame's centre.
   */
  scale = 1;
  /** How much is cut off or added left and right, in pixels at scale 1. */
  margin = 0;
  readonly networks: Networks = this.with({});

  get picture() {
    const [width, height] = [this.scale * (SIDE + 2 * this.margin), this.scale * SIDE];
    return { width, height, originalWidth: width, originalHeight: height };
  }

  /** The networks that look at it, one of them changed. */
  with({ detect = () => this.#detect() }: { detect?: () => Promise<Outputs<'boxes' | 'scores'>> }): Networks {
    return fakeNetworks(
      [
        fake(POSE_DETECTOR, detect),
        fake(NANODET, (region) => this.#detectPersons(region)),
        fake(MOVENET, (region) => this.#lookAgain(region)),
        ...Object.values(BLAZEPOSE).map((network) =>
          fake(network, (region, withHead) => ({
            ...this.#look(region),
            // Everything in the region is the person's.
            ...(withHead && { mask: new Float32Array(256 * 256).fill(9) }),
          })),
        ),
      ],
      {
        batch: 2,
        onRun: (network, regions) => {
          if (Object.values(BLAZEPOSE).some(({ file }) => file === network.file)) this.regions = regions;
        },
      },
    );
  }

  async #detect() {
    this.searches++;
    return { boxes: new Float32Array(2254 * 12), scores: new Float32Array(2254).fill(-100) };
  }

  #detectPersons(region: Region) {
    this.bodySearches++;
    const bodies = this.#shown()
      .filter(({ hidden }) => !hidden)
      .map(({ x, y, height }) => ({
        left: x - height / 6,
        top: y - height / 2,
        width: height / 3,
        height,
      }));
    return bodiesOutput(bodies, region);
  }

  #look(region: Region) {
    const { centreX, centreY, size } = region;
    const [nearest] = this.#shown()
      .filter(({ hidden, x }) => !hidden && Math.abs(x - centreX) < size / 4)
      .toSorted((a, b) => Math.abs(a.x - centreX) - Math.abs(b.x - centreX));
    if (!nearest) return landmarkOutput(standing, -20, 0);
    const { x, y, height, arms, peak } = nearest;
    // Of legs that it does not see the model says that they reach as far as its region, and a little further.
    const edge = peak?.(25, region) === -20 ? 0.5 - (0.44 * size) / height : -0.1;
    return landmarkOutput(
      (output) => {
        const index = seenAs(output, region);
        const [u, v] = index === 33 ? [0.5, 0.5] : index === 34 ? [0.5, edge] : standing(index);
        const wide = [13, 14, 15, 16].includes(index) ? (arms ?? 1) : 1;
        return [
          0.5 + (x + (u - 0.5) * wide * height - centreX) / size,
          0.5 + (y + (v - 0.5) * height - centreY) / size,
        ];
      },
      peak && ((output) => peak(seenAs(output, region), region)),
    );
  }

  #lookAgain(region: Region) {
    this.secondPasses++;
    const [nearest] = this.#shown().toSorted(
      (a, b) => Math.abs(a.x - region.centreX) - Math.abs(b.x - region.centreX),
    );
    return moveNetOutput((keypoint) => {
      const [u, v] = standing(LANDMARK_OF_COCO[keypoint]);
      const { x = 0, y = 0, height = 0 } = nearest ?? {};
      return pictureToRegion(region, {
        x: x + (u - 0.5) * height + this.scale * this.aside,
        y: y + (v - 0.5) * height,
      });
    });
  }

  /** The actors in the frame's own pixels. */
  #shown() {
    const { scale, margin } = this;
    return this.actors.map(({ x, ...actor }) => ({
      ...actor,
      x: scale * (x + margin),
      y: (scale * SIDE) / 2,
      height: scale * HEIGHT,
    }));
  }
}

/** What a tracker says of a scene that `at` describes frame by frame. */
async function play(
  frames: number,
  at: (frame: number) => Actor[],
  {
    maxPersons = 6,
    lastId = 0,
    region,
    extras = [],
  }: { maxPersons?: number; lastId?: number; region?: PictureRectangle; extras?: Extra[] } = {},
): Promise<{ people: TrackedPerson[][]; scene: Scene }> {
  const scene = new Scene();
  const tracker = new Tracker({ maxPersons, smoothing: {}, hasIdleTime: false, region }, lastId);
  const people: TrackedPerson[][] = [];
  for (let frame = 0; frame < frames; frame++) {
    scene.actors = at(frame);
    people.push(await tracker.next(scene.networks, PICTURE, { ms: frame * FRAME_MS, model: 'full', extras }));
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

  test('gives everyone the mask of that very frame, where it is asked for, and none to who is hidden', async () => {
    const { people } = await play(6, (frame) => [{ x: 300 + 10 * frame }, { x: 420, hidden: frame === 5 }], {
      extras: ['mask'],
    });
    const masked = (frame: number) =>
      (people[frame] ?? []).map(({ body_parts: { neck }, extras }) => {
        const { size: [height] = [NaN], counts: [background = NaN] = [] } = extras?.mask ?? {};
        return [neck.x, background / height] as const;
      });
    // The mask begins where the region does, so far to the left of the person's middle.
    for (const frame of [2, 4]) {
      const begins = masked(frame).map(([x, begin]) => x - begin);
      expect(begins).toHaveLength(2);
      for (const begin of begins) expect(Math.abs(begin / HEIGHT - 0.7)).toBeLessThan(0.2);
    }
    expect(people.at(-1)?.map(({ extras }) => Object.keys(extras ?? {}))).toEqual([['mask'], []]);
    expect((await play(3, () => [{ x: 300 }])).people.at(-1)?.map((person) => 'extras' in person)).toEqual([
      false,
    ]);
  });

  const at = (centreX: number, flag = 1) => {
    const region = { centreX, centreY: 500, size: HEIGHT, rotation: 0 };
    return personOfPose(decodePose(landmarkOutput(standing, 6, flag), region));
  };

  test('takes no cut for a movement, even where they are half seen first after it', () => {
    const track = new Track(at(330), 0, undefined);
    for (let frame = 1; frame <= 10; frame++) track.see(at(330), frame * FRAME_MS, false);
    track.cut();
    track.see(at(410, 0.5), 11 * FRAME_MS, false);
    for (const frame of [12, 13]) track.see(at(410), frame * FRAME_MS, false);
    const inASecond = track.predict(13 * FRAME_MS + 1000).parts.neck.x;
    expect(Math.abs(inASecond - at(410).parts.neck.x)).toBeLessThan(10);
  });

  test('sees someone better, of whom too little is plain, where a detector finds them so', () => {
    const track = new Track(at(400), 0, undefined);
    const [before, better, elsewhere] = [at(405, 0.5), at(402), at(700)];
    const seen = new Map([[track, before]]);
    const doubtful = new Set([track]);
    const found = (people: (typeof before)[], given = { seen, doubtful }) => [...whoIsPlainer(people, given)];
    expect(found([better])).toEqual([[better, track]]);
    expect(found([elsewhere, at(402, 0.4)])).toEqual([]);
    expect(found([better], { seen, doubtful: new Set() })).toEqual([]);
    // It may be either's.
    const neighbour = new Track(at(400), 0, undefined);
    expect(found([better], { seen: new Map([...seen, [neighbour, at(400)]]), doubtful })).toEqual([]);
  });

  test('looks with the detectors for someone of whom too little is plain, though they are there', async () => {
    // Of late only NanoDet's region, which is the larger one, shows more than a nose and an eye.
    const peak = (index: number, { size }: Region) => (index <= 2 || size > 1.55 * HEIGHT ? 6 : -1.2);
    const { people } = await play(62, (frame) => [{ x: 400, ...(frame >= 50 && { peak }) }]);
    expect(people.slice(1).map(idsOf)).toEqual(people.slice(1).map(() => [1]));
    // Searches are two seconds apart by then, and smoothed scores take three frames to fall.
    const scores = people.slice(53).map(([person]) => person?.body_parts.left_knee.score ?? 0);
    expect(Math.max(...scores)).toBeGreaterThan(0.5);
  });

  test('shows what may be someone else, or is half seen, and goes on as before, but not for long', () => {
    const nextX = (track: Track, ms: number) => track.predict(ms + FRAME_MS).parts.neck.x;
    for (const { flag, isContested } of [
      { flag: 1, isContested: true },
      { flag: 0.5, isContested: false },
    ]) {
      const track = new Track(at(100), 0, undefined);
      for (let frame = 1; frame <= 10; frame++) track.see(at(100), frame * FRAME_MS, false);
      const before = nextX(track, 10 * FRAME_MS);
      track.see(at(200, flag), 11 * FRAME_MS, isContested);
      expect(track.smoothed.parts.neck.x).toBeGreaterThan(195);
      expect(Math.abs(nextX(track, 11 * FRAME_MS) - before)).toBeLessThan(2);
      for (let frame = 12; frame <= 26; frame++) track.see(at(200, flag), frame * FRAME_MS, isContested);
      expect(Math.abs(nextX(track, 26 * FRAME_MS) - 200)).toBeLessThan(30);
    }
  });

  test('does not take what is weak for someone who was away for a while', async () => {
    const weak = (index: number) => (index === 0 ? 6 : -0.5);
    const { people } = await play(40, (frame) => [
      { x: 400, hidden: frame >= 20 && frame < 28, ...(frame >= 28 && frame < 33 && { peak: weak }) },
    ]);
    expect(people.slice(20, 33).flat()).toEqual([]);
    expect(idsOf(people.at(-1) ?? [])).toEqual([1]);
    // It is enough of someone who was not away.
    const inSight = await play(40, (frame) => [{ x: 400, ...(frame >= 28 && frame < 33 && { peak: weak }) }]);
    expect(inSight.people.slice(28, 33).map(idsOf)).toEqual([[1], [1], [1], [1], [1]]);
  });

  test('does not go after what is weak the sooner for someone’s having been away before', () => {
    const track = new Track(at(100), 0, undefined);
    for (let frame = 1; frame <= 10; frame++) track.see(at(100), frame * FRAME_MS, false);
    for (let frame = 11; frame < 25; frame++) track.miss(frame * FRAME_MS, false);
    track.see(at(180, 0.5), 25 * FRAME_MS, false);
    expect(Math.abs(track.predict(26 * FRAME_MS).parts.neck.x - 100)).toBeLessThan(5);
  });

  test('has someone who passes beside another hidden by them, before and behind', async () => {
    const beside = 2.2 * headAndNeck(at(0).pose);
    const { people } = await play(30, (frame) => [
      { x: 400 },
      { x: 400 + beside, hidden: frame >= 20 && frame < 24 },
    ]);
    expect(people.slice(20, 24).map(idsOf)).toEqual([20, 21, 22, 23].map(() => [1, 2]));
    const [, back] = people[22] ?? [];
    expect(back?.location.score).toBeLessThan(0.1);
  });

  test('goes on as before where a pose is suddenly another one, and someone is beside them', async () => {
    const beside = 2.5 * headAndNeck(at(0).pose);
    const drift = async (others: readonly Actor[]) => {
      const { scene } = await play(22, (frame) => [
        frame === 20 ? { x: 440, arms: 6 } : { x: 400 },
        ...others,
      ]);
      return Math.min(...scene.regions.map(({ centreX }) => Math.abs(centreX - 400)));
    };
    expect(await drift([{ x: 400 - beside }])).toBeLessThan(10);
    expect(await drift([])).toBeGreaterThan(30);
  });

  test('looks for someone of whom no legs are seen in a region that stays as large as they are', async () => {
    const { people, scene } = await play(60, (frame) => [{ x: 300 + 5 * frame, peak: atDesk }]);
    for (const [frame, found] of people.slice(1).entries()) expect(idAt(found, 305 + 5 * frame)).toBe(1);
    expect(scene.regions).toHaveLength(1);
    expect(scene.regions[0]?.size).toBeGreaterThan(0.8 * HEIGHT);
    expect(scene.regions[0]?.size).toBeLessThan(1.6 * HEIGHT);
    expect(Math.abs((scene.regions[0]?.centreX ?? Number.NaN) - 595)).toBeLessThan(0.1 * HEIGHT);
  });

  test('does not begin to follow what shows too few parts plainly', async () => {
    const arms = (index: number) => (index >= 13 && index <= 16 ? 6 : -0.5);
    const { people } = await play(10, () => [{ x: 400, peak: arms }]);
    expect(people.flat()).toEqual([]);
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
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: false });
    const people: TrackedPerson[][] = [];
    for (let second = 0; second < 5; second++) {
      scene.actors = [{ x: 300 + 10 * second }];
      people.push(await tracker.next(scene.networks, PICTURE, { ms: 1000 * second, model: 'full' }));
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

  test('follows those in a region, not those beside it, and nobody who has left it', async () => {
    const region = { left: 0, top: 0, width: 500, height: SIDE };
    const { people, scene } = await play(40, (frame) => [{ x: 200 + 10 * frame }, { x: 900, arms: 1.4 }], {
      region,
    });
    const shown = people.map((each) => each.length);
    // Their middle is at the edge in frame 30, and in frame 33 a tenth of their height beyond it.
    expect(shown.slice(2, 31)).toEqual(Array.from({ length: 29 }, () => 1));
    expect(shown.slice(34)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(people.flatMap(idsOf))).toEqual(new Set([1]));
    expect(scene.regions.every(({ centreX }) => centreX < 560)).toBe(true);
    expect(
      Math.max(...people.flat().map(({ location }) => location.left + location.width / 2)),
    ).toBeGreaterThan(505);
  });

  test('refuses a region that is outside of the frame', async () => {
    const region = { left: 0, top: SIDE, width: 10, height: 10 };
    await expect(play(1, () => [], { region })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  test('sees nobody where nobody is', async () => {
    const { people } = await play(10, () => []);
    expect(people.flat()).toEqual([]);
  });
});

describe('looking at people by turns', () => {
  /** Six people side by side, of whom the first moves to and fro. */
  const six = (frame: number): Actor[] => [
    { x: 100 + 40 * Math.sin(frame / 2), arms: 1.3 },
    ...[280, 430, 580, 730, 880].map((x) => ({ x })),
  ];

  /** Follows them with so many looks in each frame from the fourth on, and says who was looked at when. */
  async function playInTurns(frames: number, at: (frame: number) => Actor[], looks: number) {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 20, smoothing: {}, hasIdleTime: true });
    const played: { people: TrackedPerson[]; regions: readonly Region[]; detectors: number }[] = [];
    for (let frame = 0; frame < frames; frame++) {
      scene.actors = at(frame);
      scene.regions = [];
      const before = scene.searches + scene.bodySearches;
      const limit = frame < 4 ? {} : { looks };
      const ms = frame * FRAME_MS;
      const people = await tracker.next(scene.networks, PICTURE, { ms, model: 'full', ...limit });
      played.push({
        people,
        regions: scene.regions,
        detectors: scene.searches + scene.bodySearches - before,
      });
      if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(scene.networks, PICTURE);
    }
    return played;
  }

  test('has everyone in every answer, looks at those who move more often, and leaves nobody out', async () => {
    const played = (await playInTurns(100, six, 2)).slice(10);
    for (const { people, regions } of played) {
      expect(idsOf(people)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(regions.length).toBeLessThanOrEqual(2);
    }
    const looksAt = (from: number, to: number) =>
      played.flatMap(({ regions }, frame) =>
        regions.some(({ centreX }) => centreX > from && centreX < to) ? [frame] : [],
      );
    const [mover, ...others] = [[0, 200], ...[280, 430, 580, 730, 880].map((x) => [x - 70, x + 70])].map(
      ([from = 0, to = 0]) => looksAt(from, to),
    );
    for (const looks of others) {
      expect(looks.length).toBeLessThan(0.7 * (mover?.length ?? 0));
      // Three frames a round, were all alike; four times that at most.
      const waits = looks.slice(1).map((frame, index) => frame - (looks[index] ?? 0));
      expect(Math.max(...waits)).toBeLessThanOrEqual(12);
    }
  });

  test('takes those who are not looked at to go on, and is the less sure of them', async () => {
    const walking = (frame: number) => six(0).map((actor) => ({ ...actor, x: actor.x + 3 * frame - 60 }));
    const played = (await playInTurns(60, walking, 1)).slice(30);
    for (const [index, { people, regions }] of played.entries()) {
      for (const [person, { x }] of walking(30 + index).entries()) {
        expect(Math.abs((people[person]?.body_parts.neck.x ?? Number.NaN) - x)).toBeLessThan(15);
      }
      const scores = people.map(({ body_parts }) => body_parts.neck.score);
      if (regions.length > 0) expect(Math.min(...scores)).toBeLessThan(Math.max(...scores));
      expect(filterValidPersons({ person_num: 6, person_info: people, log_id: '' }).person_num).toBe(6);
    }
  });

  test('finds who comes in, by a detector a frame in place of looks', async () => {
    const before = six(0).slice(0, 5);
    const played = await playInTurns(90, (frame) => (frame < 30 ? before : six(0)), 2);
    expect(idsOf(played[29]?.people ?? [])).toEqual([1, 2, 3, 4, 5]);
    expect(idsOf(played.at(-1)?.people ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { regions, detectors } of played.slice(4)) {
      expect(detectors).toBeLessThanOrEqual(1);
      if (detectors > 0) expect(regions).toEqual([]);
    }
  });

  test('knows who was away for half a second, and forgets who has gone', async () => {
    const away = (from: number, to: number) => (frame: number) =>
      six(0).map((actor, index) => ({ ...actor, hidden: index === 3 && frame >= from && frame < to }));
    const short = await playInTurns(60, away(20, 27), 2);
    expect(short.slice(20, 27).some(({ people }) => people.length === 5)).toBe(true);
    expect(idsOf(short.at(-1)?.people ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
    const long = await playInTurns(110, away(20, 60), 2);
    expect(idsOf(long[55]?.people ?? [])).toHaveLength(5);
    expect(idsOf(long.at(-1)?.people ?? [])).toContain(7);
  });
});

describe('a video that goes back', () => {
  /** Plays a clip of so many frames again and again, as `<video loop>` does. */
  async function loop(
    passes: number,
    frames: number,
    at: (frame: number) => Actor[],
    { smoothing }: { smoothing: SmoothingOptions | undefined } = { smoothing: {} },
  ) {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing, hasIdleTime: false });
    const people: TrackedPerson[][][] = [];
    for (let pass = 0; pass < passes; pass++) {
      const seen: TrackedPerson[][] = [];
      for (let frame = 0; frame < frames; frame++) {
        scene.actors = at(frame);
        seen.push(await tracker.next(scene.networks, PICTURE, { ms: frame * FRAME_MS, model: 'full' }));
      }
      people.push(seen);
    }
    return people;
  }

  test('finds whoever comes in, in every pass as in the first', async () => {
    const [first, ...later] = await loop(2, 120, (frame) => (frame < 40 ? [] : [{ x: 200 + 4 * frame }]));
    const found = (pass: TrackedPerson[][] = []) => pass.filter((people) => people.length > 0).length;
    expect(found(first)).toBeGreaterThan(70);
    for (const pass of later) {
      // Searches need not fall on the same frames.
      expect(Math.abs(found(pass) - found(first))).toBeLessThan(4);
      expect(pass.slice(1, 40).flat()).toEqual([]);
    }
  });

  test('keeps the numbers of people who are where they were', async () => {
    // As still as people stand, and models see them.
    const passes = await loop(2, 90, (frame) =>
      [{ x: 200 }, { x: 500, arms: 1.4 }, { x: 800, arms: 0.8 }].map(({ x, ...actor }) => ({
        ...actor,
        x: x + 2 * Math.sin(frame + x),
      })),
    );
    const ids = [200, 500, 800].map((x) => idAt(passes[0]?.at(-1), x));
    expect(new Set(ids).size).toBe(3);
    for (const people of passes.slice(1).flat()) {
      expect([200, 500, 800].map((x) => idAt(people, x))).toEqual(ids);
    }
  });

  test('smooths in every pass, and not over the cut', async () => {
    const at = (frame: number) => [{ x: (frame < 50 ? 450 : 480) + Math.sin(frame * 12.9898) }];
    const xsOf = (passes: TrackedPerson[][][]) =>
      passes.map((pass) => pass.map((people) => people[0]?.body_parts.neck.x ?? Number.NaN));
    const xs = xsOf(await loop(2, 60, at));
    // The regions of two passes need not be the same, and so not their heatmaps' cells.
    const raw = xsOf(await loop(2, 60, at, { smoothing: undefined }));
    const spread = (values: number[] = []) => {
      const steady = values.slice(5, 50);
      return Math.max(...steady) - Math.min(...steady);
    };
    for (const pass of [0, 1]) expect(spread(xs[pass])).toBeLessThan(0.8 * spread(raw[pass]));
    // Half a cell of the model's heatmap; smoothed, they would be near 480 still.
    expect(Math.abs((xs[1]?.[0] ?? Number.NaN) - 450)).toBeLessThan(6);
  });

  test('or forward gives nobody’s number to someone elsewhere, and finds everyone at once', async () => {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    const next = async (ms: number) =>
      idsOf(await tracker.next(scene.networks, PICTURE, { ms, model: 'full' }));
    const still = { x: 500, arms: 1.4 };
    scene.actors = [{ x: 150 }, still];
    for (let frame = 0; frame < 60; frame++) await next(frame * FRAME_MS);
    const ids = await next(60 * FRAME_MS);
    expect(ids).toEqual([1, 2]);
    // A player that seeks, or a camera whose page was hidden for a minute.
    scene.actors = [still, { x: 850, arms: 0.8 }];
    const MINUTE_MS = 60_000;
    await next(MINUTE_MS);
    const after = await tracker.next(scene.networks, PICTURE, { ms: MINUTE_MS + FRAME_MS, model: 'full' });
    expect(idsOf(after)).toHaveLength(2);
    expect(idAt(after, 850)).toBe(3);
    expect([1, 2]).toContain(idAt(after, 500));
    // And back: what passed meanwhile is no frame's time.
    scene.actors = [still, { x: 150 }];
    await next(0);
    const back = await tracker.next(scene.networks, PICTURE, { ms: FRAME_MS, model: 'full' });
    expect(idAt(back, 150)).toBe(4);
    expect(idAt(back, 500)).toBe(idAt(after, 500));
  });

  test('says the same time twice, and someone who has left is gone all the same', async () => {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: false });
    const next = async (ms: number) =>
      idsOf(await tracker.next(scene.networks, PICTURE, { ms, model: 'full' }));
    scene.actors = [{ x: 400 }];
    await next(0);
    expect(await next(40)).toEqual([1]);
    scene.actors = [];
    expect(await next(40)).toEqual([]);
  });
});

describe('frames that change their size', () => {
  const STEPS = [1, 0.75, 0.5, 0.25, 0.5, 1];

  /** Twelve frames of each size. */
  async function resize(at: (frame: number) => Actor[], step: (scene: Scene, index: number) => void) {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    const frames: { people: TrackedPerson[]; scene: { scale: number; margin: number }; frame: number }[] = [];
    for (let frame = 0; frame < 12 * STEPS.length; frame++) {
      scene.actors = at(frame);
      step(scene, Math.floor(frame / 12));
      const { picture, scale, margin } = scene;
      const people = await tracker.next(scene.networks, picture, { ms: frame * FRAME_MS, model: 'full' });
      frames.push({ people, scene: { scale, margin }, frame });
      // One run of a search that takes several: what it finds is in the
      // pixels of the frame that it began with.
      if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(scene.networks, picture);
    }
    return { frames, scene };
  }

  test('keep everyone: numbers, points and smoothing', async () => {
    const at = (frame: number) => [{ x: 200 + 4 * frame }, { x: 600, arms: 1.4 }, { x: 850, arms: 0.8 }];
    const { frames } = await resize(at, (scene, index) => {
      scene.scale = STEPS[index] ?? 1;
    });
    for (const { people, scene, frame } of frames.slice(1)) {
      expect(idsOf(people)).toEqual([1, 2, 3]);
      const xs = people.map(({ body_parts }) => body_parts.neck.x / scene.scale);
      for (const { x } of at(frame))
        expect(Math.min(...xs.map((found) => Math.abs(found - x)))).toBeLessThan(8);
    }
  });

  test('and bring someone new: they are where the search saw them, whatever size it was', async () => {
    const at = (frame: number) => (frame < 20 ? [{ x: 200 }] : [{ x: 200 }, { x: 800, arms: 1.5 }]);
    const { frames, scene } = await resize(at, (shown, index) => {
      shown.scale = STEPS[index] ?? 1;
    });
    expect(scene.searches).toBeGreaterThan(1);
    expect(idsOf(frames.at(-1)?.people ?? [])).toEqual([1, 2]);
  });

  test('a phone that is turned shows the same people, and others besides, at once', async () => {
    const at = () => [{ x: 400 }, { x: 600, arms: 1.4 }, { x: -250, arms: 0.8 }];
    const { frames } = await resize(at, (scene, index) => {
      scene.margin = index < 2 ? 0 : 400;
    });
    expect(frames.slice(1, 24).map(({ people }) => idsOf(people))).toEqual(
      Array.from({ length: 23 }, () => [1, 2]),
    );
    // Told of from the second sighting on.
    expect(idsOf(frames[24]?.people ?? [])).toEqual([1, 2]);
    expect(frames.slice(25).map(({ people }) => idsOf(people))).toEqual(
      frames.slice(25).map(() => [1, 2, 3]),
    );
  });
});

describe('second passes', () => {
  /** Someone at a desk, who is somewhat further to the right than BlazePose says. */
  async function follow(
    scene: Scene,
    frames: number,
    options: { hasIdleTime: boolean; prepare?: PrepareNetwork; tookMs?: number },
  ) {
    const { tookMs = 0, ...rest } = options;
    const tracker = new Tracker({ maxPersons: 6, smoothing: undefined, hasSecondPasses: true, ...rest });
    const noses: number[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const ms = frame * FRAME_MS;
      const [person] = await tracker.next(scene.networks, scene.picture, { ms, model: 'full' });
      noses.push(person?.body_parts.nose.x ?? Number.NaN);
      if (!tracker.isSearching && !tracker.hasIdleWork()) continue;
      const took = await tracker.idle(scene.networks, scene.picture);
      took(tookMs);
    }
    return noses;
  }
  const desk = (aside: number) => {
    const scene = new Scene();
    scene.actors = [{ x: 500, peak: atDesk }];
    scene.aside = aside;
    return scene;
  };
  const nowhere: [string, boolean][] = [
    ['in frames that may take their time', false],
    ['in idle time', true],
  ];

  test.each(nowhere)('put points where both networks have them, %s', async (_, hasIdleTime) => {
    const scene = desk(8);
    const noses = await follow(scene, 45, { hasIdleTime });
    // In two frames the person is told of; then MoveNet waits for as long as it would between two looks.
    expect(noses[1]).toBeCloseTo(500, 0);
    for (const nose of noses.slice(10)) {
      expect(nose).toBeGreaterThan(502);
      expect(nose).toBeLessThan(508);
    }
    // Every second frame at 15 a second.
    expect(scene.secondPasses).toBeGreaterThan(15);
    expect(scene.secondPasses).toBeLessThanOrEqual(22);
  });

  test('go on with what they have shown in the frames between them, and the less the longer ago it was', async () => {
    const noses = await follow(desk(8), 10, { hasIdleTime: false });
    const looked = Math.max(...noses.slice(5));
    const between = Math.min(...noses.slice(5));
    expect(between).toBeLessThan(looked);
    // A seventh less after a fifteenth of a second.
    expect(between - 500).toBeGreaterThan(0.8 * (looked - 500));
  });

  test.each(nowhere)('leave out whoever shows their legs, %s', async (_, hasIdleTime) => {
    const scene = new Scene();
    // In single frames legs are less plain.
    scene.actors = [{ x: 500 }];
    scene.aside = 8;
    const tracker = new Tracker({ maxPersons: 6, smoothing: undefined, hasSecondPasses: true, hasIdleTime });
    for (let frame = 0; frame < 40; frame++) {
      scene.actors = [frame % 10 === 5 ? { x: 500, peak: atDesk } : { x: 500 }];
      const ms = frame * FRAME_MS;
      const [person] = await tracker.next(scene.networks, PICTURE, { ms, model: 'full' });
      if (person) expect(person.body_parts.nose.x).toBeCloseTo(500, 0);
      if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(scene.networks, PICTURE);
    }
    expect(scene.secondPasses).toBe(0);
  });

  test('count for nothing where they have seen someone else', async () => {
    const scene = desk(60);
    const noses = await follow(scene, 20, { hasIdleTime: false });
    expect(scene.secondPasses).toBeGreaterThan(5);
    for (const nose of noses.slice(1)) expect(nose).toBeCloseTo(500, 0);
  });

  test('say nothing more after a jump of the video', async () => {
    const scene = desk(8);
    const tracker = new Tracker({
      maxPersons: 6,
      smoothing: undefined,
      hasSecondPasses: true,
      hasIdleTime: false,
    });
    const noseAt = async (ms: number) =>
      (await tracker.next(scene.networks, PICTURE, { ms, model: 'full' }))[0]?.body_parts.nose.x;
    for (let frame = 0; frame < 10; frame++) await noseAt(10_000 + frame * FRAME_MS);
    expect(await noseAt(10_000 + 10 * FRAME_MS)).toBeGreaterThan(502);
    expect(await noseAt(0)).toBeCloseTo(500, 0);
  });

  test('have MoveNet fetched where legs are unseen for half a second, and wait for nothing', async () => {
    const scene = desk(8);
    // Photos may have had it fetched before: it is the need that counts.
    let state: 'fetching' | 'ready' = 'fetching';
    let asked = 0;
    const prepare: PrepareNetwork = async ({ file }, isNeeded) => {
      if (file !== MOVENET.file) return 'ready';
      expect(isNeeded).toBe(true);
      asked++;
      return state;
    };
    const options = { hasIdleTime: true, prepare };
    await follow(scene, 0.5 * 15 - 1, options);
    expect(asked).toBe(0);
    await follow(scene, 30, options);
    expect(asked).toBeGreaterThan(5);
    expect(scene.secondPasses).toBe(0);
    state = 'ready';
    await follow(scene, 30, options);
    expect(scene.secondPasses).toBeGreaterThan(5);
  });

  test('take a fifth of the idle time at most, however slow the machine is', async () => {
    const slow = desk(8);
    // At 15 frames a second these are three seconds.
    await follow(slow, 45, { hasIdleTime: true, tookMs: 100 });
    expect(slow.secondPasses).toBeGreaterThan(2);
    expect(slow.secondPasses).toBeLessThanOrEqual(6);
  });

  test('are not had where they were not asked for', async () => {
    const { scene } = await play(30, () => [{ x: 500, peak: atDesk }]);
    expect(scene.secondPasses).toBe(0);
  });
});

describe('NanoDet on its way', () => {
  const FETCHING = { state: 'fetching' as 'fetching' | 'ready' };

  test('is not waited for: the pose detector goes on alone, and both look again as soon as it is there', async () => {
    const scene = new Scene();
    scene.actors = [{ x: 300 }, { x: 700, arms: 1.4 }];
    // The pose detector sees one of the two.
    const networks = scene.with({
      detect: async () => posesOutput([{ hips: [0.3, 0.5], edge: [0.3, 0.35] }]),
    });
    const nanoDet = { ...FETCHING, asked: 0 };
    const tracker = new Tracker({
      maxPersons: 6,
      smoothing: {},
      hasIdleTime: true,
      prepare: async ({ file }) => {
        expect(file).toBe(NANODET.file);
        nanoDet.asked++;
        return nanoDet.state;
      },
    });
    const goOn = async (from: number, to: number) => {
      let people: TrackedPerson[] = [];
      for (let frame = from; frame < to; frame++) {
        people = await tracker.next(networks, PICTURE, { ms: frame * FRAME_MS, model: 'full' });
        if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(networks, PICTURE);
      }
      return idsOf(people);
    };
    // Long enough for searches to have become rare.
    expect(await goOn(0, 120)).toEqual([1]);
    expect(scene.bodySearches).toBe(0);
    nanoDet.state = 'ready';
    // A search is due after three frames; it takes two steps, and who is found
    // is told of from the second sighting on.
    expect(await goOn(120, 127)).toEqual([1, 2]);
    const { asked } = nanoDet;
    await goOn(127, 140);
    expect(nanoDet.asked).toBe(asked);
  });

  test('where it is not there, whom the pose detector is less sure of is looked at too', async () => {
    const scene = new Scene();
    scene.actors = [{ x: 300 }];
    const networks = scene.with({
      detect: async () => {
        const output = posesOutput(
          scene.actors.map(({ x }) => ({ hips: [x / SIDE, 0.5], edge: [x / SIDE, 0.35] })),
        );
        // The second one's, of a probability of .12.
        if (scene.actors.length > 1) output.scores[1966] = -2;
        return output;
      },
    });
    const tracker = new Tracker({
      maxPersons: 6,
      smoothing: {},
      hasIdleTime: true,
      prepare: async () => 'absent',
    });
    let people: TrackedPerson[] = [];
    // Three seconds alone have searches be two seconds apart.
    for (let frame = 0; frame < 80; frame++) {
      if (frame === 45) scene.actors.push({ x: 700, arms: 1.4 });
      people = await tracker.next(networks, PICTURE, { ms: frame * FRAME_MS, model: 'full' });
      if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(networks, PICTURE);
    }
    expect(idsOf(people)).toEqual([1, 2]);
  });

  test('is waited for where nobody sees to it', async () => {
    const { scene } = await play(3, () => [{ x: 300 }]);
    expect(scene.bodySearches).toBeGreaterThan(0);
  });

  /** Whether it has been asked for by the end of a scene that the pose detector sees so. */
  async function isNeededFor(frames: number, at: (frame: number) => Actor[], maxPersons = 6) {
    const scene = new Scene();
    // Faces are seen of whoever is not hidden to this detector.
    const networks = scene.with({
      detect: async () =>
        posesOutput(scene.actors.map(({ x }) => ({ hips: [x / SIDE, 0.5], edge: [x / SIDE, 0.35] }))),
    });
    let isNeeded = false;
    const prepare = async (_: unknown, needed: boolean) => {
      isNeeded ||= needed;
      return isNeeded ? 'fetching' : 'absent';
    };
    const tracker = new Tracker({ maxPersons, smoothing: {}, hasIdleTime: true, prepare });
    for (let frame = 0; frame < frames; frame++) {
      scene.actors = at(frame);
      await tracker.next(networks, PICTURE, { ms: frame * FRAME_MS, model: 'full' });
      if (tracker.isSearching || tracker.hasIdleWork()) await tracker.idle(networks, PICTURE);
    }
    return isNeeded;
  }

  test('is not fetched for one person who stays in sight, nor for dark frames before them', async () => {
    expect(await isNeededFor(90, (frame) => (frame < 5 ? [] : [{ x: 300 + frame }]))).toBe(false);
  });

  test.each([
    ['nobody is found', () => []],
    ['someone is lost', (frame: number) => (frame < 20 ? [{ x: 300 }] : [])],
    ['several are followed', () => [{ x: 300 }, { x: 700, arms: 1.4 }]],
  ] as const)('is fetched where %s', async (_, at) => {
    expect(await isNeededFor(60, (frame) => [...at(frame)])).toBe(true);
  });

  test('is asked for again half a minute after it could not be had', async () => {
    const asked: number[] = [];
    let nowMs = 0;
    const nanoDet = new LateNetwork(NANODET, async () => {
      asked.push(nowMs);
      return nowMs < 60_000 ? 'failed' : 'ready';
    });
    for (; nowMs <= 100_000; nowMs += 1000) expect(await nanoDet.isReady(nowMs, true)).toBe(nowMs >= 60_000);
    expect(asked).toEqual([0, 30_000, 60_000]);
  });
});

describe('the region of someone whose legs are not seen', () => {
  /** What it is after so many frames, in each of which the model places the points so. */
  function regionAfter(
    frames: number,
    at: (index: number, region: Region) => Point,
    peak: (index: number) => number,
  ): Region {
    let region: Region = { centreX: 500, centreY: 500, size: 300, rotation: 0 };
    for (let frame = 0; frame < frames; frame++) {
      const last = region;
      const pose = decodePose(
        landmarkOutput((index) => pictureToRegion(last, at(index, last)), peak),
        last,
      );
      region = followedRegion(pose, headAndNeck(pose));
    }
    return region;
  }

  const HEAD_AND_NECK = 30;
  const UPRIGHT: Record<number, Point> = {
    7: { x: 510, y: 370 },
    8: { x: 490, y: 370 },
    11: { x: 520, y: 370 + HEAD_AND_NECK },
    12: { x: 480, y: 370 + HEAD_AND_NECK },
  };
  /** All else is at the region's lower edge, which is as far as the model can see. */
  const edge = ({ centreX, centreY, size }: Region) => ({ x: centreX, y: centreY + 0.49 * size });

  test('does not grow with hips that are half seen, wherever the model puts them', () => {
    const halfSeen = (index: number) => (index < 23 ? 6 : index < 25 ? -0.6 : -20);
    const region = regionAfter(40, (index, last) => UPRIGHT[index] ?? edge(last), halfSeen);
    expect(region.size).toBeGreaterThan(9 * HEAD_AND_NECK);
    expect(region.size).toBeLessThan(18 * HEAD_AND_NECK);
    expect(region.centreY).toBeLessThan(400 + 4.5 * HEAD_AND_NECK);
  });

  test('stays with someone who lies, and whose hips are not seen', () => {
    // Head to the right.
    const turned = ({ x, y }: Point) => ({ x: 500 - (y - 500), y: 500 + (x - 500) });
    const region = regionAfter(
      40,
      (index, last) => {
        const point = UPRIGHT[index];
        if (point) return turned(point);
        // The circle that the model asks for wanders: to another side of the region each time it is asked.
        return { x: last.centreX + 0.4 * last.size, y: last.centreY + (index % 2 ? 0.4 : -0.4) * last.size };
      },
      atDesk,
    );
    for (const index of [7, 8, 11, 12]) {
      const place = UPRIGHT[index];
      const [u, v] = pictureToRegion(region, turned(place ?? { x: Number.NaN, y: Number.NaN }));
      for (const share of [u, v]) expect(Math.abs(share - 0.5)).toBeLessThan(0.35);
    }
    expect(region.size).toBeLessThan(14 * HEAD_AND_NECK);
  });
});

describe('idle time', () => {
  /** Plays a scene in which there is time for one detector run after each frame, as long as `isFree`. */
  async function playWithRests(
    frames: number,
    at: (frame: number) => Actor[],
    isFree = (_frame: number) => true,
  ) {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    const people: TrackedPerson[][] = [];
    let searchesInFrames = 0;
    for (let frame = 0; frame < frames; frame++) {
      scene.actors = at(frame);
      const before = scene.searches;
      const ms = frame * FRAME_MS;
      people.push(await tracker.next(scene.networks, PICTURE, { ms, model: 'full' }));
      searchesInFrames += scene.searches - before;
      if (isFree(frame) && (tracker.isSearching || tracker.hasIdleWork())) {
        await tracker.idle(scene.networks, PICTURE);
      }
    }
    return { people, scene, searchesInFrames };
  }

  test('is what the detectors run in, where there is some; they find who comes in', async () => {
    const at = (frame: number) => (frame < 20 ? [{ x: 300 }] : [{ x: 300 }, { x: 700, arms: 1.5 }]);
    const { people, scene, searchesInFrames } = await playWithRests(70, at);
    // The first frame had nobody to follow yet.
    expect(searchesInFrames).toBe(1);
    expect(scene.searches).toBeGreaterThan(4);
    expect(idsOf(people[19] ?? [])).toEqual([1]);
    expect(idsOf(people.at(-1) ?? [])).toEqual([1, 2]);
  });

  test('is not waited for forever', async () => {
    const at = (frame: number) => (frame < 20 ? [{ x: 300 }] : [{ x: 300 }, { x: 700, arms: 1.5 }]);
    const { people, searchesInFrames } = await playWithRests(90, at, () => false);
    expect(searchesInFrames).toBeGreaterThan(3);
    expect(idsOf(people.at(-1) ?? [])).toEqual([1, 2]);
  });

  test('is not waited for when someone is missed', async () => {
    const { people, searchesInFrames } = await playWithRests(30, (frame) => [{ x: frame < 15 ? 300 : 420 }]);
    expect(searchesInFrames).toBe(2);
    expect(people.slice(16).map(idsOf)).toEqual(people.slice(16).map(() => [1]));
  });

  test('a frame that is given up in its search leaves that search to the next', async () => {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    const next = (ms: number, networks = scene.networks) =>
      tracker.next(networks, PICTURE, { ms, model: 'full' });
    scene.actors = [{ x: 300 }];
    for (const ms of [0, 33, 67, 100]) await next(ms);
    // So far to the side that they are not seen where they should be.
    scene.actors = [{ x: 420 }];
    const late = scene.with({ detect: () => Promise.reject(new Error('it came too late')) });
    await expect(next(133, late)).rejects.toThrow('it came too late');
    expect(idsOf(await next(150))).toEqual([1]);
  });

  test('what a search has found is looked at in the next frame, where the one after it is given up', async () => {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    const frame = async (at: number, networks = scene.networks) => {
      const people = await tracker.next(networks, PICTURE, { ms: at * FRAME_MS, model: 'full' });
      return idsOf(people);
    };
    scene.actors = [{ x: 300 }];
    let at = 0;
    for (; at < 10; at++) await frame(at);
    scene.actors = [{ x: 300 }, { x: 700, arms: 1.5 }];
    const before = scene.searches;
    while (scene.searches === before) {
      await frame(at++);
      if (tracker.hasIdleWork()) await tracker.idle(scene.networks, PICTURE);
    }
    while (tracker.isSearching) await tracker.idle(scene.networks, PICTURE);
    let runs = 0;
    const late: Networks = {
      ...scene.networks,
      run: (...given) =>
        runs++ > 0 ? Promise.reject(new Error('it came too late')) : scene.networks.run(...given),
    };
    await expect(frame(at++, late)).rejects.toThrow('it came too late');
    await frame(at++);
    expect(await frame(at++)).toEqual([1, 2]);
    expect(scene.searches).toBe(before + 1);
  });

  test('a search that fails is over, and another one begins', async () => {
    const scene = new Scene();
    const tracker = new Tracker({ maxPersons: 6, smoothing: {}, hasIdleTime: true });
    scene.actors = [{ x: 300 }];
    for (const ms of [0, 100, 200]) {
      await tracker.next(scene.networks, PICTURE, { ms, model: 'full' });
    }
    const broken = scene.with({ detect: () => Promise.reject(new Error('made to fail')) });
    expect(tracker.hasIdleWork()).toBe(true);
    await expect(tracker.idle(broken, PICTURE)).rejects.toThrow('made to fail');
    expect(tracker.isSearching).toBe(false);
    await tracker.next(scene.networks, PICTURE, { ms: 1000, model: 'full' });
    expect(tracker.hasIdleWork()).toBe(true);
    await tracker.idle(scene.networks, PICTURE);
    expect(tracker.isSearching).toBe(true);
  });
});

describe('pacing', () => {
  const SECOND_MS = 1000;

  /**
   * Plays frames with passes that take so long, and says which models were used in turn, each with its share.
   */
  function pace(
    pacer: Pacer,
    seconds: number,
    passMs: Partial<Record<LandmarkModel, number>>,
    {
      passes = 1,
      wanted = passes,
      overheadMs = 4,
      from = 0,
    }: { passes?: number; wanted?: number; overheadMs?: number; from?: number } = {},
  ): LandmarkModel[] {
    const used: LandmarkModel[] = [];
    let atMs = from;
    while (atMs < from + seconds * SECOND_MS) {
      const { model } = pacer;
      if (used.at(-1) !== model) used.push(model);
      const passesMs = passes * (passMs[model] ?? Number.NaN);
      const ms = overheadMs + passesMs;
      atMs += Math.max(ms, 1000 / 30);
      pacer.note({ ms, passesMs, passes, wanted, atMs });
    }
    return used;
  }

  test('stays with the own model where it is fast enough', () => {
    const pacer = new Pacer('full', 15);
    expect(pace(pacer, 10, { full: 20 })).toEqual(['full']);
    expect(pacer.rarer).toBe(1);
  });

  test('goes to the heaviest model that holds the rate', () => {
    expect(pace(new Pacer('heavy', 20), 10, { heavy: 160, full: 32, lite: 18 })).toEqual(['heavy', 'full']);
    expect(pace(new Pacer('heavy', 30), 10, { heavy: 160, full: 32, lite: 18 })).toEqual(['heavy', 'lite']);
    // On a machine where they are nearer to each other than usual, it learns so.
    expect(pace(new Pacer('full', 30), 10, { full: 40, lite: 36 }).slice(0, 2)).toEqual(['full', 'lite']);
  });

  test('takes the lightest where none holds it, and has the detectors look more seldom', () => {
    const pacer = new Pacer('full', 60);
    expect(pace(pacer, 10, { full: 60, lite: 30 })).toEqual(['full', 'lite']);
    expect(pacer.rarer).toBe(4);
  });

  test('has people looked at by turns where no model holds the rate for all of them', () => {
    const pacer = new Pacer('lite', 30);
    expect(pacer.looks).toBe(Infinity);
    pace(pacer, 1, { lite: 10 }, { passes: 12 });
    // Of 30 ms 4 are taken.
    expect(pacer.looks).toBe(2);
    pace(pacer, 5, { lite: 5 }, { passes: 2, wanted: 12, from: 1000 });
    expect(pacer.looks).toBe(5);
    pace(pacer, 5, { lite: 5 }, { passes: 2, from: 6000 });
    expect(pacer.looks).toBe(Infinity);
    pace(pacer, 5, { lite: 90 }, { passes: 1, wanted: 3, from: 11_000 });
    expect(pacer.looks).toBe(1);
  });

  test('stays with the lightest model while people are looked at by turns', () => {
    const pacer = new Pacer('full', 30);
    const times = { full: 19, lite: 10 };
    expect(pace(pacer, 5, times, { passes: 12 })).toEqual(['full', 'lite']);
    expect(pace(pacer, 20, times, { passes: 2, wanted: 12, from: 5000 })).toEqual(['lite']);
    expect(pace(pacer, 5, times, { from: 25_000 })).toEqual(['lite', 'full']);
  });

  test('comes back when there is time again: fewer people, a faster machine', () => {
    const pacer = new Pacer('full', 15);
    const times = { full: 30, lite: 17 };
    expect(pace(pacer, 5, times, { passes: 3 })).toEqual(['full', 'lite']);
    expect(pace(pacer, 5, times, { passes: 1, from: 5000 })).toEqual(['lite', 'full']);
    expect(pace(pacer, 5, { full: 90, lite: 50 }, { from: 10_000 })).toEqual(['full', 'lite']);
    expect(pace(pacer, 5, times, { from: 15_000 })).toEqual(['lite', 'full']);
  });

  test('does not go to and fro between two models', () => {
    // Lite leaves so much time that full seems to fit, and just does not.
    const used = pace(new Pacer('full', 20), 60, { full: 44, lite: 18 });
    expect(used.length).toBeLessThan(6);
  });

  test('does without a model that cannot be had, and asks for it again when the network may be back', () => {
    const pacer = new Pacer('heavy', 30);
    const times = { heavy: 160, full: 36, lite: 18 };
    pace(pacer, 2, times);
    expect(pacer.model).toBe('lite');
    pacer.exclude('lite', 2000);
    // Back to what was used until then, which is there.
    expect(pace(pacer, 8, times, { from: 2000 })).toEqual(['heavy', 'full']);
    expect(pace(pacer, 30, times, { from: 10_000 })).toEqual(['full', 'lite']);
    // Nothing is worse for it where it still cannot be had: a model is in use that is there.
    pacer.exclude('lite', 40_000);
    expect(pacer.model).toBe('full');
    expect(pace(pacer, 25, times, { from: 40_000 })).toEqual(['full']);
  });

  test('frames are held down to a rate, whatever the source gives', () => {
    const rate = new FrameRate(20);
    let taken = 0;
    // Thirty a second, whose times shake a little.
    for (let frame = 0; frame < 300; frame++) {
      const ms = frame * (1000 / 30) + 3 * Math.sin(frame);
      if (rate.msToNext(ms) > 0) continue;
      rate.note(ms);
      taken++;
    }
    expect(taken).toBeGreaterThan(190);
    expect(taken).toBeLessThan(210);
    // What was lost in a pause is not made good.
    expect(rate.msToNext(60_000)).toBeLessThanOrEqual(0);
    rate.note(60_000);
    rate.note(60_001);
    expect(rate.msToNext(60_002)).toBeGreaterThan(30);
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
