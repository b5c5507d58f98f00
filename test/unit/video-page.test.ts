import { describe, expect, it } from 'vitest';
import { clock, roughly } from '../../demo/format.ts';
import { isVideo } from '../../demo/handover.ts';
import { Answers } from '../../demo/video/answers.ts';
import { Gate } from '../../demo/video/gate.ts';
import { Numbering } from '../../demo/numbering.ts';
import { withExtras } from '../../demo/video/lent-extras.ts';
import { TimeLeft } from '../../demo/video/time-left.ts';
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { TrackedPerson, TrackedResult } from '../../src/schema/tracking.ts';

/** Someone whose box begins at a place; every number in it is another. */
function person(track_id: number, left = 100 * track_id): TrackedPerson {
  const parts = BODY_PARTS.map((part, at) => [part, { x: left + at / 10, y: at + 0.25, score: at / 21 }]);
  return {
    body_parts: Object.fromEntries(parts),
    location: { left, top: 2.5, width: 80, height: 200.125, score: 0.987654 },
    track_id,
  };
}

function result(...people: TrackedPerson[]): TrackedResult {
  return { person_num: people.length, person_info: people, log_id: '1124496964574055268' };
}

const idsOf = ({ person_info }: TrackedResult) => person_info.map(({ track_id }) => track_id);

describe('the answers to a video', () => {
  it('come out as they went in, to the letter', () => {
    const answers = new Answers();
    const frames = [
      { timestamp: 0, result: result(person(1), person(3, 0.1 + 0.2)) },
      { timestamp: 100 / 3, result: result() },
    ];
    for (const frame of frames) answers.add(frame);
    expect(JSON.stringify([...answers.all()])).toBe(JSON.stringify(frames));
    expect([answers.length, answers.lastId, answers.times]).toEqual([2, 3, [0, 100 / 3]]);
    expect(answers.last).toEqual(frames[1]);
  });

  it('are in order, one a frame, however they come', () => {
    const answers = new Answers();
    for (const [time, id] of [
      [80, 1],
      [0, 1],
      [40, 1],
      [40.0004, 2],
    ] as const) {
      answers.add({ timestamp: time, result: result(person(id)) });
    }
    expect(answers.times.map(Math.round)).toEqual([0, 40, 80]);
    expect([...answers.all()].map((frame) => idsOf(frame.result))).toEqual([[1], [2], [1]]);
  });

  it('are of the frame on show: the last that has begun', () => {
    const answers = new Answers();
    for (const timestamp of [0, 40, 500]) answers.add({ timestamp, result: result() });
    const at = (time: number) => answers.at(time, 60)?.timestamp;
    // A browser's time may be a microsecond early.
    expect([-5, 0, 39.9999, 60, 498, 500, 559, 560].map(at)).toEqual([
      undefined,
      0,
      40,
      40,
      40,
      500,
      500,
      undefined,
    ]);
    const of = (time: number) => answers.of(time)?.timestamp;
    expect([0, 20, 39.5, 41, 45].map(of)).toEqual([0, undefined, 40, 40, undefined]);
    answers.clear();
    expect([answers.length, answers.at(0, Infinity), answers.last]).toEqual([0, undefined, undefined]);
  });

  it('tell who is there when', () => {
    const answers = new Answers();
    const seen = [[2], [1, 2], [2], [1, 2], [2], [2], [2], [2], [2], [2], [1]];
    for (const [at, ids] of seen.entries()) {
      answers.add({ timestamp: 100 * at, result: result(...ids.map((id) => person(id))) });
    }
    expect(answers.appearances(100)).toEqual([
      // Unseen in one frame is no absence; in six it is.
      {
        id: 1,
        spans: [
          { from: 100, to: 400 },
          { from: 1000, to: 1100 },
        ],
        frames: 3,
      },
      { id: 2, spans: [{ from: 0, to: 1000 }], frames: 10 },
    ]);
  });
});

describe('numbers that last', () => {
  it('are those of who stands in the same place', () => {
    const numbering = new Numbering([person(4, 100), person(7, 300)], 9);
    // The run counts from 1, from the other side, and is sure of nobody before the second frame.
    expect(idsOf(numbering.apply(result()))).toEqual([]);
    expect(idsOf(numbering.apply(result(person(1, 310), person(2, 105), person(3, 600))))).toEqual([
      4, 7, 10,
    ]);
    const later = numbering.apply(result(person(2, 400), person(5, 100)));
    // Whoever has been found is not compared again: the run itself knows who is who.
    expect(idsOf(later)).toEqual([4, 11]);
    expect(later.person_info[0]?.location.left).toBe(400);
  });

  it('are those of who is found some frames later than others, but not much later', () => {
    const numbering = new Numbering([person(4, 100), person(7, 300)]);
    numbering.apply(result());
    expect(numbering.isFindingAnew).toBe(true);
    expect(idsOf(numbering.apply(result(person(1, 105))))).toEqual([4]);
    expect(numbering.isFindingAnew).toBe(false);
    expect(idsOf(numbering.apply(result(person(1, 105), person(2, 290))))).toEqual([4, 7]);
    const late = new Numbering([person(4, 100), person(7, 300)]);
    for (let frame = 0; frame < 10; frame++) late.apply(result(person(1, 105)));
    expect(idsOf(late.apply(result(person(1, 105), person(2, 290))))).toEqual([4, 8]);
  });

  it('are those of who has gone a step meanwhile, out of their box', () => {
    const numbering = new Numbering([person(4, 100), person(7, 300)]);
    expect(idsOf(numbering.apply(result(person(1, 250), person(2, 145), person(3, 500))))).toEqual([4, 7, 8]);
  });

  it('are nobody else’s', () => {
    const numbering = new Numbering([person(1, 100)], 1);
    expect(idsOf(numbering.apply(result(person(1, 104), person(2, 101))))).toEqual([1, 2]);
    expect(idsOf(new Numbering([], 5).apply(result(person(1), person(2))))).toEqual([6, 7]);
    expect(idsOf(new Numbering().apply(result(person(3))))).toEqual([1]);
  });
});

describe('a stored answer', () => {
  it('is given what is found of its people afterwards, whatever their order and number', () => {
    const world3d = Array.from({ length: 33 }, () => ({ x: 0, y: 1, z: 2 }));
    const found = [
      { ...person(1, 302), extras: { world3d } },
      { ...person(2, 900), extras: {} },
    ];
    const stored = result(person(4, 100), person(7, 300));
    const whole = withExtras(stored, found);
    expect(whole.person_info.map(({ track_id, extras }) => [track_id, extras])).toEqual([
      [4, undefined],
      [7, { world3d }],
    ]);
    // The skeleton stays the one that was stored; a mask is drawn within the box that it was found with.
    expect(whole.person_info.map(({ body_parts }) => body_parts)).toEqual(
      stored.person_info.map(({ body_parts }) => body_parts),
    );
    expect(whole.person_info.map(({ location }) => location.left)).toEqual([100, 302]);
  });
});

describe('how long it will take', () => {
  it('follows from the last frames, not from a pause', () => {
    const left = new TimeLeft();
    let now = 0;
    const frames = (count: number, ms: number) => {
      for (let frame = 0; frame < count; frame++) left.note((now += ms));
    };
    frames(5, 500);
    expect(left.of(10)).toBeUndefined();
    frames(1, 500);
    expect(left.of(10)).toBe(5000);
    left.rest();
    now += 1e6;
    frames(41, 100);
    expect(left.of(10)).toBe(1000);
  });

  it('is said in steps', () => {
    expect([300, 4999, 5000, 21_000, 55_000, 100_000, 3_600_000].map(roughly)).toEqual([
      'a few seconds',
      'a few seconds',
      'about 5 seconds',
      'about 25 seconds',
      'about 1 minute',
      'about 2 minutes',
      'about 60 minutes',
    ]);
  });
});

it('a clock tells hundredths, and none that is not over', () => {
  expect([0, 66.7, 999.99, 3200, 59_999, 60_000, 754_321].map(clock)).toEqual([
    '0:00.00',
    '0:00.06',
    '0:00.99',
    '0:03.20',
    '0:59.99',
    '1:00.00',
    '12:34.32',
  ]);
});

it('a gate holds up who comes while it is closed, and lets go of who gives up', async () => {
  const gate = new Gate();
  const { signal } = new AbortController();
  await gate.pass(signal);
  gate.close();
  const order: string[] = [];
  const passing = gate.pass(signal).then(() => order.push('through'));
  const stop = new AbortController();
  const givenUp = gate.pass(stop.signal).catch(() => order.push('gave up'));
  stop.abort();
  await givenUp;
  gate.open();
  await passing;
  expect(order).toEqual(['gave up', 'through']);
  expect(gate.isClosed).toBe(false);
});

it('a video is known by its type, or by its name where the system tells none', () => {
  const files = [
    ['a.mp4', 'video/mp4'],
    ['A.MOV', ''],
    ['clip.webm', ''],
    ['photo.heic', ''],
    ['mp4', ''],
    ['fake.mp4', 'image/jpeg'],
  ] as const;
  expect(files.map(([name, type]) => isVideo({ name, type }))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
