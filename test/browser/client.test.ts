import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ANALYSIS_STAGES, BodyAnalysisClient, BODY_PARTS, filterValidPersons } from '../../src/index.ts';
import { boxIou } from '../../src/networks/geometry.ts';
import { DEFAULT_MODELS } from '../../src/schema/loading.ts';
import type {
  AnalysisProgress,
  BodyAnalysisResult,
  FoundPerson,
  LoadProgress,
  PersonInfo,
} from '../../src/index.ts';
import { FaultyWorkers } from './faults.ts';
import type { Fault } from './faults.ts';
import faultyWorkerUrl from './faulty-worker.ts?worker&url';
import { plainCanvas, sampleBlob, SAMPLES } from './pictures.ts';
import type { Sample } from './pictures.ts';

let client: BodyAnalysisClient;
const progress: LoadProgress[] = [];

beforeAll(async () => {
  client = await BodyAnalysisClient.create({ onProgress: (step) => progress.push(step) });
});
afterAll(() => client.dispose());

type Truth = Sample['persons'][number];

/** Mean distance to the exact points that nothing hides, in head lengths (top of the head to the neck). */
function meanError(person: PersonInfo, { keypoints }: Truth): number {
  const head = Math.hypot(keypoints.top_head.x - keypoints.neck.x, keypoints.top_head.y - keypoints.neck.y);
  const errors = BODY_PARTS.filter((part) => keypoints[part].visible).map((part) => {
    const { x, y } = person.body_parts[part];
    return Math.hypot(x - keypoints[part].x, y - keypoints[part].y) / head;
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/** The same people in the same places, within that many pixels. */
function expectSame(result: BodyAnalysisResult, expected: BodyAnalysisResult, pixels: number): void {
  expect(result.person_num).toBe(expected.person_num);
  for (const [index, person] of result.person_info.entries()) {
    for (const part of BODY_PARTS) {
      const wanted = expected.person_info[index]?.body_parts[part];
      const { x, y } = person.body_parts[part];
      expect(Math.hypot(x - (wanted?.x ?? NaN), y - (wanted?.y ?? NaN))).toBeLessThanOrEqual(pixels);
    }
  }
}

describe('create', () => {
  test('reports progress up to ready, in bytes, of which the total is known from the beginning', async () => {
    expect(progress[0]?.phase).toBe('download');
    await expect.poll(() => progress.at(-1)?.phase, { timeout: 60_000 }).toBe('ready');
    expect(new Set(progress.map(({ total }) => total)).size).toBe(1);
    expect(progress.at(-1)?.loaded).toBe(progress.at(-1)?.total);
    const loaded = progress.map((step) => step.loaded);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  });

  test('says what it runs on, and why not on something else', () => {
    expect(crossOriginIsolated).toBe(true);
    expect(client.model).toBe(DEFAULT_MODELS.balanced);
    expect(client.backend).toEqual({
      name: 'wasm',
      threads: Math.min(navigator.hardwareConcurrency, 4),
      runtime: 'engine',
      build: expect.stringMatching(/^(?:simd|relaxed)$/),
      precision: 'float32',
      batch: 1,
      warmupMs: expect.any(Number),
      // Headless Chromium has no GPU to give unless it is asked to act as one.
      skipped: [{ name: 'webgpu', reason: 'The browser has no GPU that it lets pages use.' }],
    });
    // Less than a millisecond is none.
    expect(client.backend.warmupMs).toBeGreaterThanOrEqual(0);
  });
});

/** The answer to each sample, asked for once. */
const answers = new Map<string, Promise<BodyAnalysisResult>>();

async function answerTo(id: string): Promise<BodyAnalysisResult> {
  const known = answers.get(id) ?? sampleBlob(id).then((blob) => client.bodyAnalysis(blob));
  answers.set(id, known);
  return known;
}

describe('sample pictures', () => {
  test.each(SAMPLES.filter(({ persons }) => persons.length === 1))(
    '$id: one valid person, every unhidden point within .15 head lengths on average',
    async ({ id, persons }) => {
      const valid = filterValidPersons(await answerTo(id));
      expect(valid.person_num).toBe(1);
      const [person] = valid.person_info;
      const [truth] = persons;
      if (!person || !truth) throw new Error('one person was counted');
      expect(meanError(person, truth)).toBeLessThanOrEqual(0.15);
    },
  );

  test.each(SAMPLES.filter(({ persons }) => persons.length > 1))(
    '$id: everyone once, each in place',
    async ({ id, persons }) => {
      const valid = filterValidPersons(await answerTo(id));
      expect(valid.person_num).toBe(persons.length);
      for (const truth of persons) {
        const errors = valid.person_info.map((person) => meanError(person, truth));
        expect(Math.min(...errors)).toBeLessThanOrEqual(0.15);
      }
    },
  );

  test.each(SAMPLES)('$id: each box holds its figure, and little else', async ({ id, persons }) => {
    const { person_info } = filterValidPersons(await answerTo(id));
    for (const truth of persons) {
      const person = person_info.toSorted((a, b) => meanError(a, truth) - meanError(b, truth))[0];
      if (!person) throw new Error('nobody was found');
      const { left, top, width, height } = person.location;
      for (const part of BODY_PARTS) {
        const { x, y, visible } = truth.keypoints[part];
        if (!visible) continue;
        expect(Math.abs(x - left - width / 2), part).toBeLessThan(0.53 * width);
        expect(Math.abs(y - top - height / 2), part).toBeLessThan(0.53 * height);
      }
      // The figures' own boxes go around their joints, and are smaller than what is seen of them.
      const [boxLeft = 0, boxTop = 0, boxWidth = 0, boxHeight = 0] = truth.box;
      const joints = { left: boxLeft, top: boxTop, width: boxWidth, height: boxHeight };
      expect(boxIou(person.location, joints)).toBeGreaterThan(0.55);
    }
  });
});

describe('an analysis under way', () => {
  test('tells its stages in order, and a fraction that only grows', async () => {
    const reports: AnalysisProgress[] = [];
    await client.bodyAnalysis(await sampleBlob('two'), { onProgress: (report) => reports.push(report) });
    expect([...new Set(reports.map(({ stage }) => stage))]).toEqual([...ANALYSIS_STAGES]);
    const fractions = reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBe(0);
    expect(fractions.length).toBeGreaterThan(6);
    for (const { done, total } of reports) expect(done).toBeLessThanOrEqual(total);
  });

  test('tells of people before all are known, and ends sooner where fewer are wanted', async () => {
    const told: FoundPerson[] = [];
    const canvas = plainCanvas(1200, 400);
    for (const [index, id] of ['stand', 'wave', 'walk'].entries()) {
      const bitmap = await createImageBitmap(await sampleBlob(id));
      const width = (400 * bitmap.width) / bitmap.height;
      canvas.getContext('2d')?.drawImage(bitmap, 400 * index + (400 - width) / 2, 0, width, 400);
    }
    const plain = await client.bodyAnalysis(canvas);
    const all = await client.bodyAnalysis(canvas, { onPerson: (found) => told.push(found), debug: true });
    expect(all.person_info).toEqual(plain.person_info);
    // Those of the last turn come with the answer.
    expect(told.map(({ number }) => number)).toEqual(told.map((_, index) => index + 1));
    expect(told.length).toBeGreaterThan(0);
    expect(all.person_info).toContainEqual(told[0]?.person);
    const one = await client.bodyAnalysis(canvas, { maxPersons: 1, debug: true });
    expect(one.person_num).toBe(1);
    const [ofAll = [], ofOne = []] = [all, one].map(({ debug }) => debug.stages.map(({ runs }) => runs));
    expect(ofOne[2]).toBeLessThan(ofAll[2] ?? 0);
    expect(ofOne[3]).toBe(1);
  });

  test('keeps no message port open afterwards', async () => {
    const close = vi.spyOn(MessagePort.prototype, 'close');
    // Those of an earlier call may be closed only now.
    const made: MessagePort[] = [];
    const Channel = MessageChannel;
    vi.stubGlobal(
      'MessageChannel',
      class extends Channel {
        constructor() {
          super();
          made.push(this.port1);
        }
      },
    );
    const onProgress = vi.fn<(report: AnalysisProgress) => void>();
    await client.bodyAnalysis(plainCanvas(64, 64), { onProgress });
    vi.unstubAllGlobals();
    expect(made).toHaveLength(1);
    await expect.poll(() => close.mock.contexts).toContain(made[0]);
    expect(onProgress).toHaveBeenCalled();
    close.mockRestore();
  });

  test('stops telling when it is cancelled, and stops between two runs', async () => {
    const controller = new AbortController();
    const reports: AnalysisProgress[] = [];
    const call = client.bodyAnalysis(await sampleBlob('two'), {
      signal: controller.signal,
      onProgress: (report) => {
        reports.push(report);
        if (report.stage === 'landmarks') controller.abort(new Error('enough'));
      },
    });
    await expect(call).rejects.toThrow('enough');
    const told = reports.length;
    // The next call is answered only after the worker has let go of this one.
    await client.bodyAnalysis(plainCanvas(64, 64));
    expect(reports).toHaveLength(told);
    expect(reports.map(({ stage }) => stage)).not.toContain('refine');
  });

  test('explains itself on request, and else keeps to the documented fields', async () => {
    const photo = await sampleBlob('two3');
    expect(await answerTo('two3')).not.toHaveProperty('debug');
    const { debug, person_info } = await client.bodyAnalysis(photo, { debug: true });
    if (!debug) throw new Error('it was asked for');
    expect(JSON.parse(JSON.stringify(debug))).toEqual(debug);
    expect(debug.stages.map(({ stage }) => stage)).toEqual([...ANALYSIS_STAGES]);
    expect(debug.stages.every(({ ms }) => ms >= 0)).toBe(true);
    const runs = Object.fromEntries(debug.stages.map(({ stage, runs: count }) => [stage, count]));
    expect(runs).toMatchObject({
      decode: 0,
      detect: debug.squares.length,
      landmarks: debug.regions.filter(({ network }) => network === 'movenet').length,
      refine: debug.regions.filter(({ network }) => network === 'blazepose').length,
    });
    expect(debug.persons).toHaveLength(person_info.length);
    for (const index of person_info.keys()) {
      expect(debug.regions.some(({ outcome, person }) => outcome === 'person' && person === index)).toBe(
        true,
      );
    }
    const scores = debug.persons.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });
});

describe('the answer', () => {
  test('is plain JSON of exactly the documented shape', async () => {
    const result = await answerTo('cut');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(Object.keys(result).toSorted()).toEqual(['log_id', 'person_info', 'person_num']);
    expect(result.person_num).toBe(result.person_info.length);
    expect(BigInt(result.log_id)).toBeLessThan(2n ** 64n);
    const sample = SAMPLES.find(({ id }) => id === 'cut');
    if (!sample) throw new Error('no such sample');
    for (const { body_parts, location } of result.person_info) {
      expect(Object.keys(body_parts).toSorted()).toEqual([...BODY_PARTS].toSorted());
      for (const part of Object.values(body_parts)) {
        expect(Object.keys(part).toSorted()).toEqual(['score', 'x', 'y']);
        expect(part.x).toBeGreaterThanOrEqual(0);
        expect(part.x).toBeLessThanOrEqual(sample.width);
        expect(part.y).toBeGreaterThanOrEqual(0);
        expect(part.y).toBeLessThanOrEqual(sample.height);
        expect(part.score).toBeGreaterThanOrEqual(0);
        expect(part.score).toBeLessThanOrEqual(1);
      }
      expect(Object.keys(location).toSorted()).toEqual(['height', 'left', 'score', 'top', 'width']);
    }
  });

  test('puts what the edge cuts off on the edge', async () => {
    const { person_info } = await answerTo('cut');
    const sample = SAMPLES.find(({ id }) => id === 'cut');
    const outside = BODY_PARTS.filter((part) => {
      const point = sample?.persons[0]?.keypoints[part];
      return point && 'outside' in point && point.outside;
    });
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.some((part) => person_info[0]?.body_parts[part].y === sample?.height)).toBe(true);
  });

  test.each([
    ['neck', 'below'],
    ['hip', 'above'],
    ['knee', 'above'],
  ] as const)('cut at the %s is sure of what it shows %s only', async (at, side) => {
    const sample = SAMPLES.find(({ id }) => id === 'stand');
    const truth = sample?.persons[0]?.keypoints;
    if (!truth) throw new Error('no such sample');
    const head = truth.neck.y - truth.top_head.y;
    const cut = Math.round(at === 'neck' ? truth.neck.y : truth[`left_${at}`].y);
    const bitmap = await createImageBitmap(await sampleBlob('stand'));
    const isBelow = side === 'below';
    const shown = await createImageBitmap(
      bitmap,
      0,
      isBelow ? cut : 0,
      bitmap.width,
      isBelow ? bitmap.height - cut : cut,
    );
    const { person_info } = await client.bodyAnalysis(shown);
    for (const part of BODY_PARTS) {
      const beyond = (isBelow ? cut - truth[part].y : truth[part].y - cut) / head;
      const score = person_info[0]?.body_parts[part].score ?? Number.NaN;
      if (beyond > 0.4) expect(score, part).toBeLessThan(0.2);
      if (beyond < -0.2) expect(score, part).toBeGreaterThan(0.5);
    }
  });

  test('of a region has whom it shows, in the picture’s coordinates, and of a person them alone', async () => {
    const whole = await answerTo('two');
    const [left, right] = whole.person_info.toSorted((a, b) => a.location.left - b.location.left);
    if (!left || !right) throw new Error('there are two');
    const blob = await sampleBlob('two');
    const { width = 0, height = 0 } = SAMPLES.find(({ id }) => id === 'two') ?? {};
    // Half of it shows one of them; of the other one a shoulder.
    const edge = (left.body_parts.neck.x + right.body_parts.neck.x) / 2;
    const ofHalf = await client.bodyAnalysis(blob, {
      region: { left: edge, top: 0, width: width - edge, height },
    });
    const ofPerson = await client.bodyAnalysis(blob, { region: left, debug: true });
    for (const [answer, before] of [
      [ofHalf, right],
      [ofPerson, left],
    ] as const) {
      const [person] = answer.person_info;
      expect(answer.person_num).toBe(1);
      for (const part of BODY_PARTS) {
        const { x = NaN, y = NaN } = person?.body_parts[part] ?? {};
        const off = Math.hypot(x - before.body_parts[part].x, y - before.body_parts[part].y);
        expect(off / before.location.height, part).toBeLessThan(0.01);
      }
    }
    expect(ofPerson.debug.stages.map(({ stage }) => stage)).toEqual(ANALYSIS_STAGES);
    expect(ofPerson.debug.persons).toHaveLength(1);
    const region = { left: width, top: 0, width: 10, height: 10 };
    await expect(client.bodyAnalysis(blob, { region })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  test('for a picture without anyone has nobody', async () => {
    expect(filterValidPersons(await client.bodyAnalysis(plainCanvas(400, 300)))).toMatchObject({
      person_num: 0,
      person_info: [],
    });
  });

  test('has a log_id of its own every time', async () => {
    const canvas = plainCanvas(64, 64);
    const first = await client.bodyAnalysis(canvas);
    const second = await client.bodyAnalysis(canvas);
    expect(first.log_id).not.toBe(second.log_id);
  });
});

describe('sources', () => {
  let bitmap: ImageBitmap;
  let expected: BodyAnalysisResult;

  beforeAll(async () => {
    bitmap = await createImageBitmap(await sampleBlob('wave'));
    expected = await answerTo('wave');
  });

  test('a lazy <img> that nobody has scrolled to is loaded', async () => {
    const image = new Image();
    image.loading = 'lazy';
    image.src = '/samples/wave.jpg?lazy';
    expectSame(await client.bodyAnalysis(image), expected, 0.5);
  });

  test('an <img> of double density is answered at its natural size', async () => {
    const image = new Image();
    image.srcset = '/samples/wave.jpg 2x';
    await image.decode();
    expect(image.naturalWidth).toBe(bitmap.width / 2);
    const [person] = (await client.bodyAnalysis(image)).person_info;
    const nose = expected.person_info[0]?.body_parts.nose;
    expect(Math.abs((person?.body_parts.nose.x ?? NaN) - (nose?.x ?? NaN) / 2)).toBeLessThan(3);
  });

  test('a large photo is answered in its own coordinates', async () => {
    const canvas = document.createElement('canvas');
    const scale = 6.5;
    canvas.width = bitmap.width * scale;
    canvas.height = bitmap.height * scale;
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const [person] = (await client.bodyAnalysis(canvas)).person_info;
    const truth = SAMPLES.find(({ id }) => id === 'wave')?.persons[0];
    if (!person || !truth) throw new Error('there is one person');
    const smaller = structuredClone(person);
    for (const part of Object.values(smaller.body_parts)) {
      part.x /= scale;
      part.y /= scale;
    }
    expect(meanError(smaller, truth)).toBeLessThanOrEqual(0.15);
  });
});

describe('extras', () => {
  test('are under their own key, and only what was asked for', async () => {
    const blob = await sampleBlob('jump');
    const plain = await answerTo('jump');
    expect(plain.person_info[0]).not.toHaveProperty('extras');
    const result = await client.bodyAnalysis(blob, { extras: ['landmarks33', 'world3d', 'mask'] });
    expectSame(result, plain, 0.1);
    const [person] = result.person_info;
    const truth = SAMPLES.find(({ id }) => id === 'jump');
    if (!person?.extras || !truth) throw new Error('there is one person');
    const { landmarks33, world3d, mask } = person.extras;
    // BlazePose’s own nose; the body part is made of MoveNet’s as well, and moved to where annotators put it.
    const { nose } = person.body_parts;
    expect(
      Math.hypot((landmarks33?.[0]?.x ?? NaN) - nose.x, (landmarks33?.[0]?.y ?? NaN) - nose.y),
    ).toBeLessThan(12);
    expect(landmarks33).toHaveLength(33);
    // Shoulders are 25 to 55 cm apart.
    const [left, right] = [world3d?.[11], world3d?.[12]];
    if (!left || !right || !mask) throw new Error('everything was asked for');
    const shoulders = Math.hypot(left.x - right.x, left.y - right.y, left.z - right.z);
    expect(shoulders).toBeGreaterThan(0.25);
    expect(shoulders).toBeLessThan(0.55);
    expect(mask.size).toEqual([truth.height, truth.width]);
    const area = mask.counts.filter((_run, index) => index % 2 === 1).reduce((sum, run) => sum + run, 0);
    const { width, height } = person.location;
    expect(area).toBeGreaterThan(0.15 * width * height);
    expect(area).toBeLessThan(0.8 * width * height);
  });
});

describe('warming up', () => {
  const workers = new FaultyWorkers();

  beforeAll(() => workers.install());
  afterAll(() => workers.uninstall());

  test('gives way to a call at every stage, and changes no answer', async () => {
    const blob = await sampleBlob('stand');
    const warming = await BodyAnalysisClient.create({
      model: 'lite',
      quality: 'fast',
      threads: 1,
      workerUrl: faultyWorkerUrl,
    });
    const call = async () => {
      const result = await warming.bodyAnalysis(blob, { debug: true });
      // Nothing of the warm-up is in the answer.
      expect(result.debug?.stages.map(({ runs }) => runs)).toEqual([0, 1, 1, 0]);
      return result;
    };
    // Before it begins.
    const cold = await call();
    expect(cold.person_num).toBe(1);
    // In a run, and in a call after the first.
    const stages: Fault[] = [
      { kind: 'tell', run: 1, call: 0 },
      { kind: 'tell', run: 3, call: 0 },
    ];
    for (const stage of stages) {
      workers.plan([stage]);
      await workers.suffering;
      expectSame(await call(), cold, 0);
    }
    expect(workers.started).toBe(1);
    warming.dispose();
  });
});
