import { existsSync } from 'node:fs';
import { readFileSync, statSync } from 'node:fs';
import { BodyAnalysisClient } from 'body21';
import type { AnalysisOptions, BodyAnalysisClientOptions, BodyAnalysisResult, PersonInfo } from 'body21';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settingIn } from '../../demo/address.ts';
import { Analyser } from '../../demo/analyser.ts';
import { buildPage } from '../../demo/build/pages.ts';
import { colorsOf } from '../../demo/colors.ts';
import { powerOf } from '../../demo/format.ts';
import { otherCamera } from '../../demo/live/camera.ts';
import { interruptible } from '../../demo/live/interruptible.ts';
import { Pace } from '../../demo/views/pace.ts';
import { SteadyFigure } from '../../demo/views/steady.ts';
import { isLoopback } from '../../demo/loopback.ts';
import { howFound, outcomeOf, whatDetectorsSaw } from '../../demo/explanation-words.ts';
import { earlyPeople, Store } from '../../demo/state.ts';
import type { Photo } from '../../demo/state.ts';
import { summary } from '../../demo/summary.ts';
import { en } from '../../demo/words/en.ts';
import type { CountedPhoto } from '../../demo/summary.ts';
import { isAddressed, readAddress, writeAddress } from '../../demo/page-address.ts';
import { baseName, distinct } from '../../demo/take-away/names.ts';
import { snippet } from '../../demo/take-away/snippets.ts';
import type { SnippetSettings } from '../../demo/take-away/snippets.ts';
import { dropSpecks, markPerson } from '../../demo/views/mask.ts';
import { SAMPLES, sampleUrl, thumbnailUrl } from '../../demo/samples.ts';
import { fieldsOf, figureOf, FIRST_TURN, seen, turned } from '../../demo/views/turning.ts';
import type { AnalysisDebug, DebugCorners, DebugRegion } from '../../src/schema/analysis.ts';
import { DEFAULT_MODELS, LANDMARK_MODELS } from '../../src/schema/loading.ts';
import { DEFAULT_VALIDITY } from '../../src/schema/validity.ts';
import golden from '../support/golden.json';

/** A page as a browser is sent it. */
function builtPage(file: string): string {
  return buildPage(readFileSync(`demo/${file}`, 'utf8'), file);
}

const done = (found: number): CountedPhoto => ({ status: 'done', people: found });
const failed: CountedPhoto = { status: 'failed', people: undefined };
const waiting: CountedPhoto = { status: 'cancelled', people: undefined };

describe("the line under a photo's name", () => {
  it('is about that photo, and says what is about all', () => {
    expect(summary([done(2), done(0)], 1)).toBe('Photo 2 of 2: nobody. 2 people in all.');
    expect(summary([done(2), done(0)], 0)).toBe('Photo 1 of 2: 2 people. 2 people in all.');
    expect(summary([done(0), done(1)], 1)).toBe('Photo 2 of 2: 1 person. 1 person in all.');
    expect(summary([done(0), done(0)], 0)).toBe('Photo 1 of 2: nobody. 0 people in all.');
  });

  it('says nothing of others where there is one photo', () => {
    expect(summary([done(2)], 0)).toBe('Found 2 people.');
    expect(summary([done(1)], 0)).toBe('Found 1 person.');
    expect(summary([done(0)], 0)).toBe('Nobody found.');
    // The alert says why; the notice, that it was cancelled.
    expect([summary([failed], 0), summary([waiting], 0), summary([], -1)]).toEqual(['', '', '']);
  });

  it('counts one photo as one', () => {
    expect(summary([failed, done(2)], 0)).toBe(
      'Photo 1 of 2: could not be analysed. 2 people in all. 1 photo could not be analysed.',
    );
    expect(summary([failed, failed, done(1)], 2)).toBe(
      'Photo 3 of 3: 1 person. 1 person in all. 2 photos could not be analysed.',
    );
    expect(summary([done(3), waiting], 1)).toBe('Photo 2 of 2: not analysed yet. 3 people in all.');
  });

  it('does not count whom an older answer had where the new analysis failed', () => {
    expect(summary([{ status: 'failed', people: 4 }, done(1)], 1)).toContain('1 person in all');
  });
});

describe('words', () => {
  it('are singular for one', () => {
    expect([0, 1, 2].map(en.frames)).toEqual(['0 frames', '1 frame', '2 frames']);
    expect([0, 1, 2].map(en.people)).toEqual(['nobody', '1 person', '2 people']);
  });

  it('name a GPU, not its threads', () => {
    expect(powerOf({ name: 'wasm', threads: 1 })).toBe('WebAssembly, 1 thread');
    const adapter = { vendor: 'acme', architecture: 'x1', description: '', isSoftware: false };
    expect(powerOf({ name: 'webgpu', threads: 1, adapter })).toBe('WebGPU, acme x1');
  });
});

describe('how people were found', () => {
  const corners: DebugCorners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  const region = (more: Partial<DebugRegion>): DebugRegion => ({
    network: 'movenet',
    origin: 'person',
    corners,
    presence: 1,
    score: 1,
    outcome: 'person',
    ...more,
  });
  const placed = { network: 'blazepose', origin: 'points' } as const;
  const debug: AnalysisDebug = {
    squares: [
      { detector: 'pose', corners, found: 0 },
      { detector: 'person', corners, found: 3 },
      { detector: 'person', corners, found: 1 },
    ],
    regions: [
      region({ person: 1 }),
      region({ person: 1, outcome: 'same-pose' }),
      region({ person: 0, origin: 'pose' }),
      region({ outcome: 'low-score' }),
      region({ ...placed, person: 1 }),
      region({ ...placed, person: 0, outcome: 'no-person' }),
    ],
    persons: [0, 1].map(() => ({ score: 1, passes: 1, networks: ['movenet', 'blazepose'] })),
    stages: [],
  };

  it('is told of each detector', () => {
    expect(whatDetectorsSaw(debug)).toBe(
      'BlazePose’s detector searched 1 square and found nobody. NanoDet searched 2 squares and found 4 bodies.',
    );
  });

  it('is told of each person, by the networks that saw them', () => {
    expect(howFound(debug, 1)).toBe(
      'Found by NanoDet; 17 points by MoveNet; 33 by BlazePose; found again in 1 other region.',
    );
    expect(howFound(debug, 0)).toMatch(
      /^Found by BlazePose’s detector; 17 points by MoveNet; BlazePose was not sure/,
    );
    const alone = {
      ...debug,
      regions: [region({ ...placed, origin: 'pose', person: 0 })],
      persons: [{ score: 1, passes: 1, networks: ['blazepose' as const] }],
    };
    expect(howFound(alone, 0)).toBe('Found by BlazePose’s detector alone; 33 points by BlazePose.');
  });

  it('is told of each place, and a second look makes nobody a second person', () => {
    expect(outcomeOf(region({})).say(2)).toMatch(/^became people: 17 points each by MoveNet/);
    expect(outcomeOf(region({ ...placed, origin: 'pose' })).say(1)).toMatch(
      /^became a person: 33 points by BlazePose/,
    );
    expect(outcomeOf(region(placed))).toMatchObject({ line: 'closer' });
    expect(outcomeOf(region({ outcome: 'same-pose' }))).toMatchObject({ line: 'again' });
    const nobody = outcomeOf(region({ ...placed, outcome: 'no-person' }));
    expect([nobody.say(1), nobody.line]).toEqual(['had nobody in view (BlazePose)', 'dropped']);
  });
});

describe('colours', () => {
  it('of a false person are nobody else’s, and do not take one of those there are', () => {
    const [person] = golden.stand.person_info;
    if (!person) throw new Error('There is nobody in the sample.');
    const valid = Array.from({ length: 20 }, (_, index) => ({ person, valid: index % 3 === 0 }));
    const colors = colorsOf(valid);
    const [persons, doubtful] = [true, false].map(
      (wanted) => new Set(colors.filter((_, index) => valid[index]?.valid === wanted)),
    );
    expect([...(doubtful ?? [])].filter((color) => persons?.has(color))).toEqual([]);
    // Seven people among twenty: each has one of the palette's eight.
    expect(persons?.size).toBe(7);
  });
});

it.each(['index.html', 'live.html', 'video.html'])('%s says how large the models are', (page) => {
  const html = builtPage(page);
  for (const model of ['lite', 'full', 'heavy']) {
    const sizes = ['landmark', 'mask'].map(
      (part) => statSync(`dist/assets/pose_${part}_${model}.onnx.planes.gz`).size,
    );
    const size = sizes.reduce((sum, each) => sum + each);
    const [, megabytes] = new RegExp(`<option value="${model}"[^>]*>\\w+: ([\\d.]+) MB`).exec(html) ?? [];
    expect(megabytes, model).toBe((size / 1e6).toFixed(1));
  }
});

describe('the model that a page opens with is the library’s own choice', () => {
  /** The option that a page's settings begin with, the first: its value, and what a visitor reads. */
  const chosen = (page: string) => {
    const [, select = ''] = /<select id="model"[^>]*>([^]*?)<\/select>/.exec(builtPage(page)) ?? [];
    const [, value, text = ''] = /<option value="(\w+)"[^>]*>([^<]*)</.exec(select) ?? [];
    expect(select).not.toContain('selected');
    return { value, text: text.toLowerCase() };
  };

  it('for photos, where it is another for another quality', () => {
    const { fast, balanced, best } = DEFAULT_MODELS;
    expect(balanced).toBe(fast);
    expect(chosen('index.html')).toEqual({
      value: 'auto',
      text: `automatic: ${balanced}, ${best} for best`,
    });
  });

  it('for videos', () => {
    for (const page of ['live.html', 'video.html']) expect(chosen(page).value).toBe(DEFAULT_MODELS.fast);
  });
});

it('an address may choose a setting, but none that there is not', () => {
  const model = (search: string) => settingIn(search, 'model', LANDMARK_MODELS);
  expect(model('?quality=fast&model=heavy')).toBe('heavy');
  expect(['', '?', '?model', '?model=', '?model=huge', '?models=lite'].map(model)).not.toContainEqual(
    expect.any(String),
  );
});

it('the demo keeps the same form of the program as the library asks for, on every name of this machine', () => {
  const hosts = ['localhost', 'body21.localhost', 'a.b.localhost', '127.0.0.1', '127.9.0.2', '[::1]'];
  expect(hosts.filter((host) => !isLoopback(host))).toEqual([]);
  const others = ['localhost.example.org', 'mylocalhost', 'example.org', '128.0.0.1', '10.127.0.0.1'];
  expect(others.filter(isLoopback)).toEqual([]);
});

describe('work that a setting interrupts', () => {
  const forever = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });

  it('ends with the first event, and with the show', async () => {
    const [end, model] = [new AbortController(), new EventTarget()];
    const interrupted = interruptible(end.signal, [[model, 'change']], forever);
    model.dispatchEvent(new Event('change'));
    expect(await interrupted).toBeUndefined();
    const ended = interruptible(end.signal, [[model, 'change']], forever);
    end.abort();
    expect(await ended).toBeUndefined();
    expect(await interruptible(end.signal, [], async () => 'never begun')).toBeUndefined();
  });

  it('gives what it comes to, throws its own errors, and listens no longer', async () => {
    const [{ signal: end }, model] = [new AbortController(), new EventTarget()];
    const signals: AbortSignal[] = [];
    const work = async (signal: AbortSignal) => signals.push(signal);
    expect(await interruptible(end, [[model, 'change']], work)).toBe(1);
    const broken = interruptible(end, [[model, 'change']], async () => {
      throw new Error('made to fail');
    });
    await expect(broken).rejects.toThrow('made to fail');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(end.aborted).toBe(false);
  });
});

describe('the code for the settings', () => {
  const settings: SnippetSettings = {
    name: 'two.jpg',
    model: 'auto',
    quality: 'balanced',
    backend: 'auto',
    thresholds: DEFAULT_VALIDITY,
    isExplaining: false,
    isEveryone: false,
  };

  it('is short where nothing is set', () => {
    expect(snippet('library', settings)).toBe(
      `import { BodyAnalysisClient, filterValidPersons } from 'body21';

const photo = await (await fetch('two.jpg')).blob();
const client = await BodyAnalysisClient.create();
const result = await client.bodyAnalysis(photo);
console.log(JSON.stringify(filterValidPersons(result), undefined, 2));
`,
    );
    expect(snippet('drop-in', settings)).toContain('new AipBodyAnalysisClient();');
  });

  it('says what is set, and no more', () => {
    const code = snippet('library', {
      ...settings,
      model: 'heavy',
      backend: 'wasm',
      thresholds: { ...DEFAULT_VALIDITY, boxScore: 0.1 },
      isExplaining: true,
    });
    expect(code).toContain("create({ model: 'heavy', backend: 'wasm' });");
    expect(code).toContain('bodyAnalysis(photo, { debug: true });');
    expect(code).toContain('filterValidPersons(result, { boxScore: 0.1 })');
    const everyone = { ...settings, quality: 'best' as const, isEveryone: true };
    expect(snippet('drop-in', everyone)).toContain(
      "new AipBodyAnalysisClient('', '', '', { quality: 'best' });",
    );
    expect(snippet('drop-in', everyone)).not.toContain('filter');
    const drawn = { ...settings, thresholds: { ...DEFAULT_VALIDITY, keypointScore: 0.4 } };
    expect(snippet('svg', drawn)).toContain(
      'toSvg(filterValidPersons(result, { keypointScore: 0.4 }), { width, height }, { keypointScore: 0.4 });',
    );
  });

  it("is not ended by a photo's name", () => {
    expect(snippet('svg', { ...settings, name: "it's #1\\\n.jpg" })).toContain(
      "fetch('it%27s%20%231%5C%0A.jpg')",
    );
  });
});

describe('names of what is saved', () => {
  it('are of no folder, and no two alike', () => {
    expect(['a/b.c.jpg', '.png', 'IMG 1.HEIC'].map(baseName)).toEqual(['a-b.c', 'photo', 'IMG 1']);
    expect(distinct(['a', 'A', 'b', 'a', 'a-2'])).toEqual(['a', 'A-2', 'b', 'a-3', 'a-2-2']);
  });
});

describe("the photo page's address", () => {
  const usual = readAddress('');

  it('is empty where all is as by default, and else gives the same settings again', () => {
    expect(writeAddress('', usual, undefined)).toBe('');
    const changed = {
      ...usual,
      model: 'heavy' as const,
      thresholds: { ...DEFAULT_VALIDITY, boxScore: 0.5, keypointScore: 0 },
      isExplaining: true,
      isEveryone: true,
      answerAs: 'code' as const,
      snippet: 'svg' as const,
    };
    const search = writeAddress('?other=1&quality=best', changed, 'jump.jpg');
    expect(search).toBe(
      '?other=1&model=heavy&box=0.5&keypoint=0&explain=1&who=everyone&answer=code&code=svg&photo=jump.jpg',
    );
    expect(readAddress(search)).toEqual(changed);
    expect(writeAddress(search, usual, undefined)).toBe('?other=1');
  });

  it('takes nothing that there is not', () => {
    const wrong = '?model=huge&quality=&backend=cpu&box=2&keypoint=x&answer=xml&explain=yes';
    expect(readAddress(wrong)).toEqual(usual);
    expect([isAddressed('?lang=zh'), isAddressed('?quality=best')]).toEqual([false, true]);
  });
});

describe('a mask on a grid', () => {
  const [width, height] = [70, 90];
  const location = { left: 10, top: 20, width: 50, height: 60, score: 1 };
  /** A disc, and a spot that is not the person's. */
  const isPerson = (x: number, y: number) => Math.hypot(x - 35, y - 50) < 22 || (x < 4 && y < 4);
  const counts: number[] = [];
  let inside = false;
  for (let pixel = 0, run = 0; pixel <= width * height; pixel++) {
    const isNow = pixel < width * height && isPerson(Math.floor(pixel / height), pixel % height);
    if (isNow !== inside || pixel === width * height) {
      counts.push(run);
      run = 0;
      inside = isNow;
    }
    run++;
  }

  it.each([
    [70, 90],
    [35, 45],
    [33, 20],
    [140, 180],
  ])('of %i × %i has what is at each cell, near the person', (columns, rows) => {
    const grid = new Uint8Array(columns * rows);
    markPerson({ size: [height, width], counts }, location, grid, columns);
    const at = (cell: number, cells: number, pixels: number) => Math.floor(((cell + 0.5) * pixels) / cells);
    const expected = Array.from({ length: columns * rows }, (_, cell) => {
      const [x, y] = [at(cell % columns, columns, width), at(Math.floor(cell / columns), rows, height)];
      return x > 4 && isPerson(x, y) ? 255 : 0;
    });
    expect([...grid]).toEqual(expected);
    expect(expected).toContain(255);
  });
});

describe('specks of a mask', () => {
  it('are left out, and parts of the person are not', () => {
    const [side, body] = [12, '######'];
    const rows = Array.from({ length: side }, (_, row) => (row < 2 ? `##....${body}` : `......${body}`));
    // One cell at the edge, which the next row's first lies beside in memory only.
    rows[8] = `#.....${body}`;
    const grid = Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 255 : 0));
    dropSpecks(grid, side);
    const left = [...grid].map((cell) => (cell === 255 ? '#' : '.')).join('');
    rows[8] = `......${body}`;
    expect(left).toBe(rows.join(''));
  });
});

it('has every sample that is offered, and its small picture', () => {
  for (const sample of SAMPLES)
    for (const address of [sampleUrl(sample), thumbnailUrl(sample)])
      expect(existsSync(new URL(`../../public/${address}`, import.meta.url)), address).toBe(true);
});

describe('a figure that is turned', () => {
  const ground = { width: 400, height: 300 };
  const points = [
    { x: -0.3, y: -0.8, z: 0.1 },
    { x: 0.3, y: 0.9, z: -0.2 },
    { x: 0, y: 0, z: 0.4 },
  ];
  const figure = figureOf(points);

  it('stands as in the picture where it is not turned', () => {
    const [a, b, back] = seen(points, figure, { yaw: 0, pitch: 0 }, ground);
    if (!a || !b || !back) throw new Error('points are missing');
    expect([a.x < b.x, a.y < b.y]).toEqual([true, true]);
    // Smaller z is nearer, and larger.
    expect(b.scale).toBeGreaterThan(back.scale);
    // From above, what is further away is higher.
    const [, , above] = seen(points, figure, { yaw: 0, pitch: 0.5 }, ground);
    expect(above?.y).toBeLessThan(back.y);
    // Its front turned to the right, its left in the picture is nearer.
    const [left, right] = seen(points, figure, { yaw: -Math.PI / 2, pitch: 0 }, ground);
    expect(left?.scale).toBeGreaterThan(right?.scale ?? NaN);
  });

  it('never leaves the field', () => {
    for (let yaw = 0; yaw < 6.3; yaw += 0.3) {
      for (const pitch of [-1.5, -0.5, 0, 1, 1.5]) {
        for (const { x, y } of seen(points, figure, { yaw, pitch }, ground)) {
          expect(x > 0 && x < ground.width && y > 0 && y < ground.height).toBe(true);
        }
      }
    }
    expect(turned(FIRST_TURN, { yaw: 1, pitch: 9 }).pitch).toBe(Math.PI / 2);
  });

  it('has others beside it where there is room, and else below', () => {
    const layout = (count: number, width: number, height: number) =>
      fieldsOf(count, width, height, 0.5).map(({ left, top }) => [Math.round(left), top]);
    expect(layout(1, 400, 300)).toEqual([[0, 0]]);
    expect(layout(2, 400, 300)).toEqual([
      [-50, 0],
      [150, 0],
    ]);
    expect(layout(2, 100, 400)).toEqual([
      [-50, 0],
      [-50, 200],
    ]);
    // Three high fields of a square: two beside each other, and the third in the middle below them.
    expect(layout(3, 300, 600)).toEqual([
      [-75, 0],
      [75, 0],
      [0, 300],
    ]);
    for (const field of fieldsOf(5, 500, 300)) {
      expect(Math.min(field.left, field.top, 500.001 - field.left - field.width)).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a figure that is followed', () => {
  /** Hips, head and feet of someone 1.6 metres high, the feet so far below the hips. */
  const pose = (legs: number, shift = 0) => [
    { x: shift, y: 0, z: 0 },
    { x: shift, y: -0.7, z: 0 },
    { x: shift, y: legs, z: 0 },
  ];
  const FRAME_MS = 50;

  it('goes down where it squats, on a floor that stays', () => {
    const steady = new SteadyFigure();
    const stands = steady.follow(pose(0.9), 0);
    expect(stands.points[2]?.y).toBe(0);
    expect(stands.points[1]?.y).toBeCloseTo(-1.6);
    let squats = stands;
    for (let frame = 1; frame <= 20; frame++) squats = steady.follow(pose(0.4), frame * FRAME_MS);
    expect(squats.points[2]?.y).toBe(0);
    expect(squats.points[1]?.y).toBeCloseTo(-1.1, 1);
    // Nor does it come nearer for that second.
    expect(squats.figure.radius / stands.figure.radius).toBeGreaterThan(0.85);
    expect(squats.figure.radius / stands.figure.radius).toBeLessThan(1.01);
  });

  it('trembles less than what it follows, and is soon where that goes', () => {
    const steady = new SteadyFigure();
    const trembled: number[] = [];
    for (let frame = 0; frame < 40; frame++) {
      const { points } = steady.follow(pose(0.9, frame % 2 === 0 ? 0.01 : -0.01), frame * FRAME_MS);
      if (frame > 10) trembled.push(points[0]?.x ?? NaN);
    }
    expect(Math.max(...trembled)).toBeLessThan(0.005);
    let x = 0;
    for (let frame = 40; frame < 43; frame++)
      x = steady.follow(pose(0.9, 1), frame * FRAME_MS).points[0]?.x ?? NaN;
    expect(x).toBeGreaterThan(0.9);
    // A clip that begins anew shows them elsewhere at once.
    expect(steady.follow(pose(0.9, -1), 0).points[0]?.x).toBe(-1);
  });
});

describe('the pace of a view', () => {
  const judge = (tooks: number[]) => {
    const pace = new Pace();
    return tooks.map((took) => pace.isTooSlow(took)).indexOf(true);
  };
  const often = (took: number, times: number) => Array.from({ length: times }, () => took);

  it('is too slow where most frames take long, and not for the first ones or for one that is held up', () => {
    expect(judge(often(60, 100))).toBe(-1);
    expect(judge([2000, 900, 400, ...often(60, 100)])).toBe(-1);
    expect(judge([...often(60, 30), 5000, ...often(60, 30)])).toBe(-1);
    expect(judge(often(170, 100))).toBeGreaterThan(4);
    expect(judge([...often(60, 30), ...often(300, 30)])).toBeGreaterThan(34);
  });

  it('is known after two seconds where frames take long indeed', () => {
    expect(judge(often(1000, 10))).toBe(4);
    expect(judge(often(400, 10))).toBe(4);
  });

  it('is that of what is shown since it was changed', () => {
    const pace = new Pace();
    for (const took of often(60, 30)) pace.isTooSlow(took);
    pace.restart();
    expect(often(1000, 5).map((took) => pace.isTooSlow(took))).toEqual([false, false, false, false, true]);
  });
});

describe('the other camera', () => {
  const cameras = ['a', 'b', 'c'].map((deviceId) => ({ deviceId }));

  it('looks the other way where they look anywhere, and is the next one where they do not', () => {
    expect(otherCamera({ deviceId: 'a', facing: 'user' }, cameras)).toBe('environment');
    expect(otherCamera({ deviceId: 'b', facing: 'environment' }, cameras)).toBe('user');
    const next = (deviceId: string) => otherCamera({ deviceId, facing: undefined }, cameras);
    expect(['a', 'b', 'c', 'unplugged'].map(next)).toEqual(['b', 'c', 'a', 'a']);
    expect(otherCamera({ deviceId: 'a', facing: undefined }, [])).toBe('');
  });
});

describe('photos on their way through the library', () => {
  const { person_info: people } = golden.two;
  /** What the library was asked, with what answers each. */
  const calls: (AnalysisOptions & { answer: (result: BodyAnalysisResult) => void })[] = [];
  let created: BodyAnalysisClientOptions = {};
  let clients = 0;
  let store = new Store();
  let analyser = new Analyser(store);

  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', queueMicrotask);
    calls.length = 0;
    clients = 0;
    vi.spyOn(BodyAnalysisClient, 'create').mockImplementation(async (options = {}) => {
      created = options;
      clients++;
      const client = {
        bodyAnalysis: (_: Blob, asked: AnalysisOptions) =>
          new Promise<BodyAnalysisResult>((resolve, reject) => {
            calls.push({ ...asked, answer: resolve });
            asked.signal?.addEventListener('abort', () => reject(asked.signal?.reason));
          }),
      };
      return Object.assign(Object.create(BodyAnalysisClient.prototype), client, new EventTarget());
    });
    vi.spyOn(BodyAnalysisClient.prototype, 'addEventListener').mockReturnValue();
    vi.spyOn(BodyAnalysisClient.prototype, 'model', 'get').mockReturnValue('lite');
    vi.spyOn(BodyAnalysisClient.prototype, 'backend', 'get').mockReturnValue(Object.create(null));
    store = new Store();
    analyser = new Analyser(store);
    analyser.connect();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  const until = (holds: () => void) => vi.waitFor(holds, { timeout: 60_000, interval: 1 });

  function add(...ids: number[]): void {
    const photos = ids.map((id): Photo => ({
      id,
      name: `${id}.jpg`,
      blob: new Blob(),
      url: '',
      status: 'waiting',
    }));
    store.update({ photos: [...store.state.photos, ...photos] });
    store.select(ids[0]);
    void analyser.start();
  }

  async function call(at: number) {
    await until(() => expect(calls.length).toBeGreaterThan(at));
    const asked = calls[at];
    if (!asked) throw new Error('The library was not asked.');
    return asked;
  }

  const answer = (found: PersonInfo[]): BodyAnalysisResult => ({
    person_num: found.length,
    person_info: found,
    log_id: '1',
  });
  const known = () => earlyPeople(store.state)?.person_info;

  it('are told of that more is loaded for a later one, while it waits for that and no longer', async () => {
    // Before there is a photo, what analyses is loaded.
    await analyser.start();
    expect([store.state.activity, created.warmUp]).toEqual([undefined, false]);
    add(1, 2);
    (await call(0)).answer(answer([]));
    const second = await call(1);
    created.onProgress?.({ phase: 'download', loaded: 3, total: 9 });
    expect(store.state.activity).toEqual({ kind: 'download', loaded: 3, total: 9 });
    created.onProgress?.({ phase: 'start', loaded: 9, total: 9 });
    expect(store.state.activity).toEqual({ kind: 'start' });
    created.onProgress?.({ phase: 'ready', loaded: 9, total: 9 });
    expect(store.state.activity).toEqual({ kind: 'start' });
    second.onProgress?.({ stage: 'landmarks', done: 1, total: 2, fraction: 0.5 });
    expect(store.state.activity).toMatchObject({ kind: 'analyse', done: 1, total: 2 });
    second.answer(answer([]));
    await until(() => expect(store.state.activity).toBeUndefined());
    created.onProgress?.({ phase: 'download', loaded: 3, total: 9 });
    expect(store.state.activity).toBeUndefined();
    expect(clients).toBe(1);
  });

  it('show people before all are known, until the answer takes their place', async () => {
    const [person, other] = people;
    if (!person || !other) throw new Error('There are not two people in the sample.');
    add(1);
    const first = await call(0);
    first.onPerson?.({ number: 1, person: other });
    first.onPerson?.({ number: 2, person: other });
    // Someone seen better.
    first.onPerson?.({ number: 1, person });
    expect(known()).toEqual([person, other]);
    first.answer(answer([other, person]));
    await until(() => expect(store.state.activity).toBeUndefined());
    expect(known()).toBeUndefined();
    // Word that was still on its way.
    first.onPerson?.({ number: 3, person });
    expect(store.state.early).toBeUndefined();
    // An older answer stays until there is another.
    analyser.again(1);
    expect((await call(1)).onPerson).toBeUndefined();
  });

  it('show nobody any more once they are cancelled, and another photo’s people never', async () => {
    const [person] = people;
    if (!person) throw new Error('There is nobody in the sample.');
    add(1, 2);
    const first = await call(0);
    first.onPerson?.({ number: 1, person });
    store.select(2);
    expect(known()).toBeUndefined();
    store.select(1);
    expect(known()).toEqual([person]);
    analyser.cancel();
    await until(() => expect(store.state.early).toBeUndefined());
    expect(store.state.photos.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    first.onPerson?.({ number: 2, person });
    expect(store.state.early).toBeUndefined();
  });
});
