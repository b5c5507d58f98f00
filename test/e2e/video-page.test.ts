import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { Download, Page } from 'playwright/test';
import type { TrackedResult } from '../../src/schema/tracking.ts';
import { beginningOfClip, frameTimes, soundPackets } from './clips.ts';

/** So much of the sample clip, in seconds: two people who walk towards each other, in 15 frames. */
const SECONDS = 1;

interface Line {
  timestamp: number;
  result: TrackedResult;
}

/** Opens a clip, which does not play by itself then. */
async function open(page: Page, clip: Buffer): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/video.html');
  await page
    .getByLabel('Choose a video')
    .setInputFiles({ name: 'walk.webm', mimeType: 'video/webm', buffer: clip });
  await expect(page.getByRole('status').first()).toHaveText(/^Ready\./);
}

const status = (page: Page) => page.locator('#status');

async function analyse(page: Page, frames: number): Promise<void> {
  await page.getByRole('button', { name: /^Analyse / }).click();
  await expect(status(page)).toHaveText(`All ${frames} frames analysed: 2 people.`);
}

async function save(page: Page, name: string): Promise<Download> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  return downloading;
}

async function lines(page: Page): Promise<Line[]> {
  const text = await readFile(await (await save(page, 'JSON Lines')).path(), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line));
}

const idsOf = ({ result }: Line) => result.person_info.map(({ track_id }) => track_id);

/** Has the page make the video, and gives its file. */
async function makeVideo(page: Page): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  await page.getByRole('button', { name: 'Video with skeletons' }).click();
  const link = page.getByRole('link', { name: 'Save the video' });
  await expect(link).toBeVisible();
  const downloading = page.waitForEvent('download');
  await link.click();
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: new Uint8Array(await readFile(await download.path())) };
}

/** How much of the picture is cut out, and by how much that is another than the frame on show, on average. */
function cutOut(page: Page): Promise<{ share: number; difference: number }> {
  return page.locator('.moving-cut-out').evaluate((cut: HTMLCanvasElement) => {
    const pixelsOf = (picture: CanvasImageSource) => {
      const { width, height } = cut;
      const context = new OffscreenCanvas(width, height).getContext('2d');
      if (!context) throw new Error('no context');
      context.drawImage(picture, 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data;
    };
    const video = document.querySelector('video');
    if (!video) throw new Error('no video');
    const [people, frame] = [pixelsOf(cut), pixelsOf(video)];
    let [count, sum] = [0, 0];
    for (let at = 0; at < people.length; at += 4) {
      if (people[at + 3] !== 255) continue;
      count++;
      sum += Math.abs((people[at] ?? 0) - (frame[at] ?? 0));
    }
    return { share: (4 * count) / people.length, difference: sum / count };
  });
}

/** What the figures in 3D look like. */
function figures(page: Page): Promise<string> {
  return page.locator('#solid-canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
}

/** Looks at people in 3D, while the clip plays as well, and cut out, at one frame and another; by keys alone. */
async function seesOtherViews(page: Page): Promise<void> {
  const position = page.getByRole('slider', { name: 'Position in the video' });
  const whom = page.getByLabel('Whom to show');
  await position.press('Home');
  await page.getByRole('radio', { name: 'Skeleton' }).press('ArrowRight');
  const solid = page.getByRole('img', { name: 'Everyone in 3D' });
  await expect(solid).toBeVisible();
  const first = await figures(page);
  await solid.press('ArrowLeft');
  await expect.poll(() => figures(page)).not.toBe(first);
  await solid.press('0');
  await expect.poll(() => figures(page)).toBe(first);
  await position.press('End');
  await expect.poll(() => figures(page)).not.toBe(first);
  const last = await figures(page);
  await whom.selectOption('Person 2');
  await expect.poll(() => figures(page)).not.toBe(last);
  await whom.selectOption('Everyone');
  await expect.poll(() => figures(page)).toBe(last);
  const hasPlayed = page
    .locator('#video')
    .evaluate((video) => new Promise((resolve) => video.addEventListener('ended', resolve, { once: true })));
  await page.getByRole('button', { name: 'Play' }).press('Enter');
  await hasPlayed;
  await expect(solid).toBeVisible();

  await page.getByRole('radio', { name: '3D' }).press('ArrowRight');
  await page.getByRole('radio', { name: 'Blurred' }).press('ArrowLeft');
  for (const [key, number] of [
    ['Home', 1],
    ['End', 15],
  ] as const) {
    await position.press(key);
    await expect(page.locator('#frame-number')).toHaveText(`Frame ${number} of 15`);
    await expect.poll(async () => (await cutOut(page)).difference, key).toBeLessThan(3);
    const { share } = await cutOut(page);
    expect(share, key).toBeGreaterThan(0.02);
    expect(share, key).toBeLessThan(0.5);
  }
  const both = (await cutOut(page)).share;
  await whom.selectOption('Person 1');
  await expect.poll(async () => (await cutOut(page)).share).toBeLessThan(0.8 * both);
  await page.getByRole('radio', { name: 'Cut-out' }).press('ArrowRight');
  await expect(page.locator('.moving-cut-out')).toBeHidden();
}

/** Plays the video that the page made to its end, and looks at one frame of it and of the clip. */
function playMade(page: Page, seconds: number) {
  return page.evaluate(async (at) => {
    const pictureOf = async (url: string) => {
      const video = document.createElement('video');
      video.muted = true;
      const seen = (name: string) =>
        new Promise((resolve) => video.addEventListener(name, resolve, { once: true }));
      const isSought = seen('seeked');
      video.src = url;
      video.currentTime = at;
      await isSought;
      // On a busy machine the frame may come after the event.
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await seen('canplay');
      const canvas = document.createElement('canvas');
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      const context = canvas.getContext('2d');
      context?.drawImage(video, 0, 0);
      const picture = context?.getImageData(0, 0, canvas.width, canvas.height);
      const hasEnded = seen('ended');
      await video.play();
      await hasEnded;
      return picture;
    };
    const [link, clip] = [
      document.querySelector<HTMLAnchorElement>('#save-video'),
      document.querySelector('video'),
    ];
    const [made, original] = [await pictureOf(link?.href ?? ''), await pictureOf(clip?.src ?? '')];
    if (!made || !original) throw new Error('no pictures');
    const differences: number[] = [];
    for (let pixel = 0; pixel < original.data.length; pixel += 4) {
      const by = (channel: number) =>
        Math.abs((made.data[pixel + channel] ?? 0) - (original.data[pixel + channel] ?? 0));
      differences.push(Math.max(by(0), by(1), by(2)));
    }
    return {
      width: made.width,
      height: made.height,
      /** By how much each pixel is another than the clip's. */
      differences,
    };
  }, seconds);
}

test('a clip with two people: every frame with both, played without a network, taken away as text, table and video', async ({
  page,
}) => {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  // What is asked of workers, all of it.
  await page.addInitScript(() => {
    Object.assign(globalThis, { asked: 0 });
    Worker.prototype.postMessage = new Proxy(Reflect.get(Worker.prototype, 'postMessage'), {
      apply(post, worker, parameters) {
        Object.assign(globalThis, { asked: 1 + Reflect.get(globalThis, 'asked') });
        Reflect.apply(post, worker, parameters);
      },
    });
  });
  const clip = await beginningOfClip(SECONDS);
  const times = await frameTimes(new Uint8Array(clip));
  expect(times).toHaveLength(15);
  await open(page, clip);
  await analyse(page, times.length);
  await expect(page.getByRole('button', { name: 'Play' })).toBeFocused();
  await expect(page.getByRole('button', { name: /^Person [12]: 0:00\.00 to / })).toHaveCount(2);

  // Playing shows what is stored.
  const asked = await page.evaluate(() => Reflect.get(globalThis, 'asked'));
  expect(asked).toBeGreaterThan(times.length);
  const drawn = await page.locator('#video').evaluate(async (video: HTMLVideoElement) => {
    const canvas = document.querySelector<HTMLCanvasElement>('#video + canvas');
    const shares: number[] = [];
    const look = () => {
      const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      shares.push(data?.filter((value, index) => index % 4 === 3 && value > 0).length ?? 0);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    const hasEnded = new Promise((resolve) => video.addEventListener('ended', resolve, { once: true }));
    document.querySelector<HTMLButtonElement>('#play')?.click();
    await hasEnded;
    return shares;
  });
  expect(drawn.length).toBeGreaterThan(0);
  expect(Math.min(...drawn)).toBeGreaterThan(500);
  expect(await page.evaluate(() => Reflect.get(globalThis, 'asked'))).toBe(asked);

  const video = page.locator('#video');
  const isMuted = () => video.evaluate((element: HTMLVideoElement) => element.muted);
  await page.getByRole('button', { name: /^Sound / }).focus();
  const wasMuted = await isMuted();
  await page.keyboard.press('m');
  await expect.poll(isMuted).toBe(!wasMuted);

  // The keyboard steps, frame by frame.
  const frame = page.locator('#frame-number');
  const position = page.getByRole('slider', { name: 'Position in the video' });
  await position.focus();
  await page.keyboard.press('Home');
  await expect(frame).toHaveText('Frame 1 of 15');
  for (const [key, number] of [
    ['ArrowRight', 2],
    ['ArrowRight', 3],
    ['ArrowLeft', 2],
    ['End', 15],
  ] as const) {
    await page.keyboard.press(key);
    await expect(frame).toHaveText(`Frame ${number} of 15`);
  }
  await expect(position).toHaveAttribute('aria-valuetext', '0:00.93, Frame 15 of 15');
  await page.getByRole('button', { name: /^Person 2:/ }).press('Enter');
  await expect(frame).toHaveText('Frame 1 of 15');

  const frames = await lines(page);
  expect(frames.map(({ timestamp }) => Math.round(timestamp))).toEqual(times.map(Math.round));
  expect(frames.map(idsOf)).toEqual(frames.map(() => [1, 2]));

  const table = await save(page, 'CSV table');
  expect(table.suggestedFilename()).toBe('walk-body21.csv');
  const [header = '', ...rows] = (await readFile(await table.path(), 'utf8')).trim().split('\r\n');
  expect(header.split(',').at(-1)).toBe('track_id');
  expect(rows).toHaveLength(15 * 2 * 21);
  const people = frames.flatMap(({ timestamp, result }) =>
    result.person_info.map(({ track_id, body_parts: { nose } }) =>
      [timestamp.toFixed(1), 'nose', nose.x, nose.y, nose.score, track_id].join(),
    ),
  );
  const noses = rows.map((row) => row.split(',')).filter((cells) => cells[2] === 'nose');
  expect(
    noses.map(([time, , part, x, y, score, ...more]) => [time, part, x, y, score, more.at(-1)].join()),
  ).toEqual(people);

  const made = await makeVideo(page);
  expect(made.name).toMatch(/^walk-body21\.(?:mp4|webm)$/);
  expect((await frameTimes(made.bytes)).map(Math.round)).toEqual(times.map(Math.round));
  expect(await soundPackets(made.bytes)).toBe(50 * SECONDS);
  await expect(page.locator('#kept')).toContainText('15 frames');
  await expect(page.locator('#kept')).not.toContainText('no sound');
  const middle = frames[7];
  if (!middle) throw new Error('no frame in the middle');
  const { width, height, differences } = await playMade(page, (middle.timestamp + 20) / 1000);
  expect([width, height]).toEqual([640, 480]);
  // Skeletons, where the people are.
  const isChanged = (x: number, y: number) => {
    const around = [-2, -1, 0, 1, 2].flatMap((dx) =>
      [-2, -1, 0, 1, 2].map((dy) => [x + dx, y + dy] as const),
    );
    return around.some(([px, py]) => (differences[Math.round(py) * width + Math.round(px)] ?? 0) > 60);
  };
  for (const { body_parts } of middle.result.person_info) {
    for (const part of ['left_shoulder', 'right_hip', 'left_knee', 'right_ankle'] as const) {
      expect(isChanged(body_parts[part].x, body_parts[part].y), part).toBe(true);
    }
  }
  expect(differences.filter((difference) => difference > 60).length).toBeLessThan(0.1 * width * height);
  expect(errors).toEqual([]);
});

test('an analysis is paused, looked into, cancelled and taken up again: nobody gets another number', async ({
  page,
}) => {
  const clip = await beginningOfClip(SECONDS);
  await open(page, clip);
  // As soon as a few frames are there: on a quick machine a click from here would come after the last.
  await page.evaluate(() => {
    const activity = document.querySelector('#activity');
    if (!activity) throw new Error('no activity');
    const observer = new MutationObserver(() => {
      if (!activity.textContent.startsWith('Frame 5 ')) return;
      observer.disconnect();
      document.querySelector<HTMLButtonElement>('#pause')?.click();
    });
    observer.observe(activity, { childList: true });
  });
  await page.getByRole('button', { name: 'Analyse every frame' }).click();
  await expect(status(page)).toHaveText(/^Paused\./);
  await expect(page.getByRole('progressbar', { name: 'Progress' })).toBeVisible();
  // What was analysed can be looked at meanwhile.
  await page.getByRole('slider', { name: 'Position in the video' }).press('Home');
  await page.getByRole('button', { name: 'One frame on' }).click();
  await expect(page.locator('#frame-number')).toHaveText('Frame 2 of 15');
  await expect(page.getByRole('button', { name: /^Person [12]:/ })).toHaveCount(2);

  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(status(page)).toHaveText(/^Stopped after [56] frames\. Results so far are kept\.$/);
  await expect(page.getByRole('button', { name: 'Analyse the rest' })).toBeFocused();
  const before = await lines(page);
  expect([5, 6]).toContain(before.length);
  await analyse(page, 15);
  const all = await lines(page);
  expect(all.slice(0, before.length)).toEqual(before);
  expect(all.map(idsOf)).toEqual(all.map(() => [1, 2]));
  await seesOtherViews(page);
  // What was asked for besides changes nothing of what is stored.
  expect(await lines(page)).toEqual(all);
});

test('where the browser decodes and encodes no frames, the video is stepped through, and recorded as it plays', async ({
  page,
}) => {
  await page.addInitScript(() => {
    for (const name of ['VideoDecoder', 'VideoEncoder']) Reflect.deleteProperty(globalThis, name);
  });
  await open(page, await beginningOfClip(SECONDS));
  await analyse(page, 15);
  const frames = await lines(page);
  expect(frames).toHaveLength(15);
  // Nobody is believed in who was seen in one frame alone, and there is none before the first.
  expect(frames.slice(1).map(idsOf)).toEqual(frames.slice(1).map(() => [1, 2]));
  const { name, bytes } = await makeVideo(page);
  expect(name).toMatch(/^walk-body21\.(?:mp4|webm)$/);
  expect(bytes.length).toBeGreaterThan(1000);
  expect(await playMade(page, 0.5)).toMatchObject({ width: 640, height: 480 });
});

test('the sample clip plays with everyone followed, at once', async ({ page }) => {
  await page.goto('/video.html');
  await page.getByRole('button', { name: 'Try the sample clip' }).click();
  await expect(status(page)).toHaveText('Following everyone in view.');
  await expect(page.getByRole('button', { name: /^Person 1:/ })).toBeVisible();
  // Whoever jumps while it plays stays there: what was followed last is elsewhere.
  await page.getByRole('slider', { name: 'Position in the video' }).press('Home');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(page.locator('#frame-number')).toHaveText('Frame 1 of 75');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  // Whoever stops it has the skeletons on the very frame that is shown.
  await page.locator('#video').evaluate((video: HTMLVideoElement) => video.pause());
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  expect((await lines(page)).length).toBeGreaterThan(0);
});

test('what cannot be played is said so, and another video can be opened', async ({ page }) => {
  await page.goto('/video.html');
  const chooser = page.getByLabel('Choose a video');
  const alert = page.getByRole('alert');
  await chooser.setInputFiles({ name: 'notes.mp4', mimeType: 'video/mp4', buffer: Buffer.from('no video') });
  await expect(alert).toHaveText(/^notes\.mp4 is not a video that this browser can play\./);
  await chooser.setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('') });
  await expect(alert).toHaveText(/^me\.jpg is a picture:/);
  await open(page, await beginningOfClip(SECONDS));
  await expect(alert).toBeHidden();
  await expect(page.locator('#frame-number')).toHaveText('Frame 1 of 15');
});
