import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { JSHandle, Locator, Page } from 'playwright/test';
import { BROWSER_ARGS, findBrowser } from '../../scripts/find-browser.ts';

const executablePath = findBrowser();

test.use({
  launchOptions: {
    args: [...BROWSER_ARGS, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    ...(executablePath ? { executablePath } : {}),
  },
});

/** How many of the overlay's pixels are drawn on. */
function drawnPixels(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('#video + canvas');
    const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
    return data?.filter((value, index) => index % 4 === 3 && value > 0).length ?? 0;
  });
}

/** What share of a canvas is drawn on. */
function drawnShare(canvas: Locator): Promise<number> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const { data = [] } = element.getContext('2d')?.getImageData(0, 0, element.width, element.height) ?? {};
    return data.filter((value, at) => at % 4 === 3 && value > 0).length / (data.length / 4);
  });
}

/** Looks at everyone in 3D, of which a snapshot is taken, and cut out. */
async function seesOtherViews(page: Page): Promise<void> {
  await page.getByRole('radio', { name: '3D' }).check();
  const solid = page.getByRole('img', { name: 'Everyone in 3D' });
  await expect.poll(() => drawnShare(solid)).toBeGreaterThan(0.005);
  await page.getByRole('button', { name: 'Take a snapshot' }).click();
  const size = await solid.evaluate(({ width, height }: HTMLCanvasElement) => [width, height]);
  const shot = page.getByRole('img', { name: 'The snapshot' });
  await expect
    .poll(() => shot.evaluate(({ naturalWidth: x, naturalHeight: y }: HTMLImageElement) => [x, y]))
    .toEqual(size);
  // On a slow machine it goes back to skeletons soon: what it was before that is what counts.
  await page.getByRole('radio', { name: 'Cut-out' }).check();
  await page.evaluate(() => document.querySelector<HTMLInputElement>('[value=transparent]')?.click());
  const cut = page.locator('.moving-cut-out');
  await expect.poll(() => drawnShare(cut)).toBeGreaterThan(0.02);
  expect(await drawnShare(cut)).toBeLessThan(0.9);
}

async function save(page: Page, name: string): Promise<{ file: string; text: string }> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name }).click();
  const download = await downloading;
  return { file: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

/** What the page says: everything that its status was from now on. */
function recordStatus(page: Page): Promise<JSHandle<string[]>> {
  return page.evaluateHandle(() => {
    const texts: string[] = [];
    const status = document.querySelector('#status');
    if (!status) throw new Error('no status');
    new MutationObserver(() => texts.push(status.textContent)).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return texts;
  });
}

const FIGURES = ['people', 'fps', 'latency', 'used', 'backend'];

test('the sample clip: two people are followed; a snapshot and results can be kept', async ({ page }) => {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto('/');
  await page.getByRole('link', { name: 'Live' }).click();
  await page.getByLabel('Target frame rate').selectOption('10');
  const statuses = await recordStatus(page);
  await page.getByRole('button', { name: 'Play the sample clip' }).click();
  await expect(page.locator('#poster')).toBeHidden();
  await expect(page.getByRole('status')).toHaveText('Following everyone in view.');
  // Nothing has been stopped yet.
  expect(await statuses.jsonValue()).not.toContain('Stopped.');
  await expect(page.locator('#people')).toHaveText('2 people');
  await expect.poll(() => drawnPixels(page)).toBeGreaterThan(500);
  await expect(page.locator('#latency')).toHaveText(/\d (ms|s)$/);
  await expect(page.locator('#fps')).toHaveText(/^\d/);
  await expect(page.locator('#backend')).toHaveText(/^WebAssembly, \d/);
  await expect(page.locator('#used')).toHaveText('Lite');

  // Slow, so that it seldom begins anew, which has everyone be found anew.
  const loads = await page.locator('#video').evaluateHandle((video: HTMLVideoElement) => {
    const events: string[] = [];
    video.addEventListener('loadstart', ({ type }) => events.push(type));
    video.playbackRate = 0.25;
    return events;
  });
  const recorded = page.locator('#recorded');
  const atLeast = (count: number) =>
    expect.poll(async () => Number.parseInt(await recorded.innerText(), 10) || 0).toBeGreaterThan(count - 1);
  let frames: { timestamp: number; result: { person_info: { track_id: number }[] } }[] = [];
  let people = 6;
  await expect(async () => {
    await expect(page.locator('#people')).toHaveText('2 people');
    await page.getByRole('button', { name: 'Record results' }).click();
    await atLeast(3);
    people = 10 - people;
    await page.getByLabel('Maximum people').selectOption(String(people));
    await atLeast(6);
    // So does another view, for which people are followed with more than their points.
    await page.getByRole('radio', { name: '3D' }).check();
    await expect(page.getByRole('img', { name: 'Everyone in 3D' })).toBeVisible();
    await atLeast(9);
    await page.getByLabel('Skeleton').check();
    await expect(page.locator('#solid')).toBeHidden();
    await page.getByRole('button', { name: 'Stop recording' }).click();
    const lines = await save(page, 'Save as JSON Lines');
    expect(lines.file).toBe('body21.jsonl');
    frames = lines.text
      .trim()
      .split('\n')
      .map((line): (typeof frames)[number] => JSON.parse(line));
    const times = frames.map(({ timestamp }) => timestamp);
    expect(times[0]).toBeGreaterThan(300);
    expect(times).toEqual(times.toSorted((x, y) => x - y));
    // Nobody has another number because of the setting or the view; on a busy machine somebody may be lost meanwhile.
    const ids = frames.flatMap(({ result }) => result.person_info.map(({ track_id }) => track_id));
    expect(new Set(ids).size).toBe(2);
  }).toPass();
  expect(await loads.jsonValue()).toEqual([]);
  const csv = await save(page, 'Save as CSV');
  expect(csv.file).toBe('body21.csv');
  expect(csv.text.split('\r\n').length).toBeGreaterThan(21);

  // Whom *Now* counts at that moment, whom the snapshot tells of and whom its JSON has are the same.
  const now = await page.getByRole('button', { name: 'Take a snapshot' }).evaluate((button: HTMLElement) => {
    button.click();
    return document.querySelector('#people')?.textContent;
  });
  await expect(page.getByRole('img', { name: 'The snapshot with its skeletons' })).toBeVisible();
  await expect(page.getByText('The snapshot is below')).toHaveText(`The snapshot is below: ${now}.`);
  const { person_num, person_info } = Object(JSON.parse((await save(page, 'Save the JSON')).text));
  expect(person_info).toHaveLength(person_num);
  expect(now).toBe(['nobody', '1 person'][person_num] ?? `${person_num} people`);

  await seesOtherViews(page);

  // Where no more frames come, the rate is not what it was; who is drawn stays.
  await page.locator('#video').evaluate((video: HTMLVideoElement) => video.pause());
  await expect(page.locator('#fps')).toHaveText('–');
  await expect(page.locator('#people')).not.toHaveText('–');

  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('Stopped.');
  for (const figure of FIGURES) {
    await expect(page.locator(`#${figure}`)).toHaveText('–');
  }
  await expect(page.locator('#poster')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start the camera' })).toBeFocused();
  expect(await drawnPixels(page)).toBe(0);
  expect(errors).toEqual([]);
});

test('two cameras: the front one in a mirror, the back one not, and who comes back has the mirror again', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const canvas = document.createElement('canvas');
    const named = ['user', 'environment'].map((facing) => ({
      kind: 'videoinput',
      deviceId: `the ${facing} one`,
      label: `Camera of the ${facing}`,
    }));
    const open: string[] = [];
    Object.assign(globalThis, { open });
    navigator.mediaDevices.enumerateDevices = async () => named as unknown as MediaDeviceInfo[];
    navigator.mediaDevices.getUserMedia = async ({ video } = {}) => {
      const { facingMode, deviceId } = Object(video);
      const facing = facingMode ?? String(deviceId.exact).split(' ')[1];
      // Phones open a camera only after the one before is stopped.
      if (open.length > 0) throw new DOMException('', 'NotReadableError');
      canvas.getContext('2d')?.fillRect(0, 0, canvas.width, canvas.height);
      const stream = canvas.captureStream(10);
      const [track] = stream.getVideoTracks();
      if (!track) throw new Error('no track');
      open.push(facing);
      track.getSettings = () => ({ deviceId: `the ${facing} one`, facingMode: facing });
      const stop = track.stop.bind(track);
      track.stop = () => {
        open.splice(open.indexOf(facing), 1);
        stop();
      };
      return stream;
    };
  });
  await page.goto('/live.html');
  const [video, mirror, camera] = [
    page.locator('#video'),
    page.getByLabel('Mirror'),
    page.locator('#camera'),
  ];
  const isOn = async (facing: string, isMirrored: boolean) => {
    await expect.poll(() => page.evaluate(() => Reflect.get(globalThis, 'open'))).toEqual([facing]);
    await expect(camera.locator('option:checked')).toHaveText(`Camera of the ${facing}`);
    await expect(mirror).toBeChecked({ checked: isMirrored });
    await expect(video).toHaveCSS('transform', isMirrored ? /^matrix\(-1/ : 'none');
  };
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await isOn('user', true);
  const flip = page.getByRole('button', { name: 'Switch camera' });
  await flip.click();
  await isOn('environment', false);
  await flip.click();
  await isOn('user', true);
  await camera.selectOption('the environment one');
  await isOn('environment', false);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect.poll(() => page.evaluate(() => Reflect.get(globalThis, 'open'))).toEqual([]);
});

test('a camera: started, mirrored, paused in a hidden tab, unplugged', async ({ page }) => {
  await page.goto('/live.html');
  await expect(page.getByLabel('Model')).toHaveValue('lite');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.locator('#fps')).toHaveText(/^\d/);
  await expect(page.locator('#people')).toHaveText('nobody');
  await expect(page.getByRole('status')).toHaveText('Nobody is in view.');
  await expect(page.locator('#camera').locator('option').first()).toHaveText(/fake/);
  const video = page.locator('#video');
  await expect(video).toHaveCSS('transform', /^matrix\(-1/);
  await page.getByLabel('Mirror').uncheck();
  await expect(video).toHaveCSS('transform', 'none');

  const screen = page.locator('#screen');
  await page.getByRole('button', { name: 'Full screen' }).click();
  await expect(screen).toHaveCSS('position', 'fixed');
  await page.getByRole('button', { name: 'Leave full screen' }).click();
  await expect(screen).not.toHaveCSS('position', 'fixed');

  const setHidden = (hidden: boolean) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await setHidden(true);
  await expect(page.getByRole('status')).toHaveText('Paused while the tab is hidden.');
  await setHidden(false);
  await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.paused)).toBe(false);
  await expect(page.getByRole('status')).toHaveText('Nobody is in view.');

  await video.evaluate((element: HTMLVideoElement) => {
    const stream = element.srcObject;
    if (!(stream instanceof MediaStream)) throw new Error('no camera');
    // What the browser does when the cable is pulled.
    for (const track of stream.getTracks()) track.dispatchEvent(new Event('ended'));
  });
  await expect(page.getByRole('alert')).toContainText('The camera was unplugged');
  await expect(page.getByRole('button', { name: 'Start the camera' })).toBeVisible();
});

test('a camera that is allowed after Stop does not stay on', async ({ page }) => {
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      Object.assign(globalThis, { cameraStream: stream });
      await new Promise((allow) => addEventListener('allow', allow, { once: true }));
      return stream;
    };
  });
  await page.goto('/live.html');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const state = () =>
    page.evaluate(() => {
      const stream: unknown = Reflect.get(globalThis, 'cameraStream');
      return stream instanceof MediaStream ? stream.getVideoTracks()[0]?.readyState : undefined;
    });
  await expect.poll(state).toBe('live');
  await page.evaluate(() => dispatchEvent(new Event('allow')));
  await expect.poll(state).toBe('ended');
});

test('settings that change while models load leave one client and the camera as it is, and so does Stop', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = (wanted) => {
      Object.assign(globalThis, { asked: 1 + (Reflect.get(globalThis, 'asked') ?? 0) });
      return ask(wanted);
    };
  });
  await page.goto('/live.html');
  const [status, activity, model] = [
    page.getByRole('status'),
    page.locator('#activity'),
    page.getByLabel('Model'),
  ];
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(status).toHaveText('Nobody is in view.');
  const workers = () => page.workers().length;
  const ofOneClient = workers();
  expect(ofOneClient).toBeGreaterThan(0);

  let goOn = () => {};
  const isHeld = new Promise<void>((resolve) => (goOn = resolve));
  await page.route('**/pose_landmark_full*.gz', async (route) => {
    await isHeld;
    // By then nobody asks for it any more.
    await route.continue().catch(() => {});
  });
  await model.selectOption('full');
  await expect(activity).toHaveText(/^Loading the models/);
  // The model before goes on meanwhile.
  await expect(page.locator('#used')).toHaveText('Lite');
  await page.getByLabel('Maximum people').selectOption('2');
  await model.selectOption('lite');
  await expect(activity).toBeEmpty();
  await expect.poll(workers).toBe(ofOneClient);
  await expect(status).toHaveText('Nobody is in view.');

  await model.selectOption('full');
  await expect(activity).toHaveText(/^Loading the models/);
  goOn();
  await expect(page.locator('#used')).toHaveText('Full');
  await expect(activity).toBeEmpty();
  await expect.poll(workers).toBe(ofOneClient);
  expect(await page.evaluate(() => Reflect.get(globalThis, 'asked'))).toBe(1);

  const isAsked = page.waitForRequest('**/pose_landmark_heavy*.gz');
  await page.route('**/pose_landmark_heavy*.gz', () => {});
  await model.selectOption('heavy');
  await isAsked;
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(status).toHaveText('Stopped.');
  await expect.poll(workers).toBe(ofOneClient);
  await expect(activity).toBeEmpty();
});

test('the whole picture of a video is on show, whatever its shape and the window’s', async ({ page }) => {
  await page.goto('/live.html');
  const sizes = [
    { width: 1440, height: 900 },
    { width: 1366, height: 650 },
    { width: 768, height: 1024 },
    { width: 844, height: 390 },
    { width: 390, height: 844 },
  ];
  for (const shape of [
    { width: 640, height: 480 },
    { width: 1280, height: 720 },
    { width: 720, height: 1280 },
  ]) {
    await page.evaluate(async (given) => {
      const canvas = Object.assign(document.createElement('canvas'), given);
      const video = document.querySelector<HTMLVideoElement>('#video');
      const context = canvas.getContext('2d');
      if (!video || !context) throw new Error('no video');
      const isShown = new Promise((resolve) => {
        video.addEventListener('resize', resolve, { once: true });
      });
      video.srcObject = canvas.captureStream();
      context.fillRect(0, 0, given.width, given.height);
      await isShown;
    }, shape);
    for (const size of sizes) {
      await page.setViewportSize(size);
      const { video, overlay, stage, fit } = await page.evaluate(async () => {
        // The overlay's size follows within a frame.
        for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        const of = (selector: string) => {
          const { left, top, width, height } =
            document.querySelector(selector)?.getBoundingClientRect() ?? {};
          return { left: left ?? NaN, top: top ?? NaN, width: width ?? NaN, height: height ?? NaN };
        };
        const element = document.querySelector('#video');
        return {
          video: of('#video'),
          overlay: of('#video + canvas'),
          stage: of('.stage'),
          fit: element && getComputedStyle(element).objectFit,
        };
      });
      const where = `${shape.width} × ${shape.height} in ${size.width} × ${size.height}`;
      for (const side of ['left', 'top', 'width', 'height'] as const) {
        expect(Math.abs(video[side] - stage[side]), `${side} of the video, ${where}`).toBeLessThan(1);
        expect(Math.abs(overlay[side] - stage[side]), `${side} of the overlay, ${where}`).toBeLessThan(1);
      }
      // Within the element, the browser shows the whole picture; there is room for it, and it is in view.
      expect(fit).toBe('contain');
      const scale = Math.min(stage.width / shape.width, stage.height / shape.height);
      expect(shape.height * scale, where).toBeGreaterThan(Math.min(size.width, size.height) / 2);
      expect(stage.top + stage.height, where).toBeLessThanOrEqual(size.height);
    }
  }
});

test('a camera that fails is explained, and nothing was started', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('made to fail', document.title);
    };
  });
  await page.goto('/live.html');
  for (const [name, words] of [
    ['NotAllowedError', 'The browser may not use the camera'],
    ['NotReadableError', 'Another app is using the camera'],
    ['OverconstrainedError', 'The chosen camera is gone'],
  ] as const) {
    await page.evaluate((errorName) => (document.title = errorName), name);
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await expect(page.getByRole('alert'), name).toContainText(words);
    // It was never started.
    await expect(page.getByRole('status')).toBeEmpty();
    await expect(page.getByRole('button', { name: 'Play the sample clip' })).toBeVisible();
  }
});

test('where there is no camera, the sample clip plays at once, and when one is asked for in vain', async ({
  page,
}) => {
  await page.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = async () => [];
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('made to fail', 'NotFoundError');
    };
  });
  await page.goto('/live.html');
  const note = page.getByText('No camera found, so this is');
  await expect(note).toBeVisible();
  await expect(page.locator('#people')).toHaveText('2 people');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(note).toBeHidden();
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(note).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use my camera' })).toBeVisible();
  await expect(page.getByRole('alert')).toBeHidden();
});

test('a page that is not secure says where cameras work', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
  await page.goto('/live.html');
  await page.getByRole('button', { name: 'Start the camera' }).click();
  await expect(page.getByRole('alert')).toContainText('over https or on localhost');
});
