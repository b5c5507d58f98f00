import { expect, test } from 'playwright/test';
import type * as Library from '../../src/index.ts';
import { openHideablePage } from '../support/hideable-page.ts';
import { Hosts } from './hosts.ts';

/*
 * The built package in a page that is hidden behind another tab, where browsers
 * show no frames and let timers run seldom.
 */

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var body21: typeof Library;
  // oxlint-disable-next-line no-var -- as above
  var stepped: number[];
  // oxlint-disable-next-line no-var -- as above
  var goOn: (() => void) | undefined;
  // oxlint-disable-next-line no-var -- as above
  var video: HTMLVideoElement | undefined;
}

const APP = 'http://app.localhost';

test('a clip that is stepped through loses no frame while its page is hidden', async () => {
  const hosts = await Hosts.start();
  hosts.serve(APP);
  const tab = await openHideablePage(hosts.proxy);
  try {
    await tab.page.goto(APP);
    await tab.page.waitForFunction(() => 'body21' in globalThis);
    /** The time of each of the first frames, in milliseconds. One may be held until it is told to go on. */
    const stepThrough = (held?: number) =>
      tab.page.evaluate(async (heldFrame) => {
        globalThis.stepped = [];
        const client = await globalThis.body21.BodyAnalysisClient.create({
          model: 'lite',
          quality: 'fast',
          backend: 'wasm',
          warmUp: false,
        });
        const video = document.createElement('video');
        globalThis.video = video;
        video.muted = true;
        // A blob can be sought in; what a host without ranges sends cannot.
        video.src = URL.createObjectURL(await (await fetch('/samples/crossing.webm')).blob());
        for await (const { timestamp } of client.track(video, { everyFrame: true })) {
          globalThis.stepped.push(timestamp);
          const { length } = globalThis.stepped;
          if (length === 20) break;
          if (length === heldFrame) await new Promise<void>((resolve) => (globalThis.goOn = resolve));
        }
        client.dispose();
        return globalThis.stepped;
      }, held);
    const countSteps = () => tab.page.evaluate(() => globalThis.stepped.length);
    const shown = await stepThrough();
    expect(shown).toHaveLength(20);

    const hiddenMeanwhile = stepThrough(6);
    await tab.page.waitForFunction(() => globalThis.goOn);
    await tab.hide();
    // The video has gone on by then, and a timer that began later than one of the
    // feed's, of a tenth of a second, would have.
    await tab.page.evaluate(async () => {
      const { video } = globalThis;
      const isSought = new Promise((resolve) => video?.addEventListener('seeked', resolve, { once: true }));
      globalThis.goOn?.();
      await isSought;
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    expect(await countSteps()).toBe(6);
    await tab.show();
    expect(await hiddenMeanwhile).toEqual(shown);
  } finally {
    await tab.close();
    await hosts.close();
  }
});
