import { expect, test } from 'playwright/test';
import type * as Library from '../../src/index.ts';
import { openHideablePage } from '../support/hideable-page.ts';
import { Hosts } from './hosts.ts';

/*
 * The built package in a page that is hidden behind another tab, where browsers show no frames and let timers run seldom.
 */

declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var body21: typeof Library;
  // oxlint-disable-next-line no-var -- as above
  var stepped: number[];
}

const APP = 'http://app.localhost';

test('a clip that is stepped through loses no frame while its page is hidden', async () => {
  const hosts = await Hosts.start();
  hosts.serve(APP);
  const tab = await openHideablePage(hosts.proxy);
  try {
    await tab.page.goto(APP);
    await tab.page.waitForFunction(() => 'body21' in globalThis);
    /** The time of each of the first frames, in milliseconds. */
    const stepThrough = () =>
      tab.page.evaluate(async () => {
        globalThis.stepped = [];
        const client = await globalThis.body21.BodyAnalysisClient.create({
          model: 'lite',
          quality: 'fast',
          backend: 'wasm',
          warmUp: false,
        });
        const video = document.createElement('video');
        video.muted = true;
        // A blob can be sought in; what a host without ranges sends cannot.
        video.src = URL.createObjectURL(await (await fetch('/samples/crossing.webm')).blob());
        for await (const { timestamp } of client.track(video, { everyFrame: true })) {
          globalThis.stepped.push(timestamp);
          if (globalThis.stepped.length === 20) break;
        }
        client.dispose();
        return globalThis.stepped;
      });
    const countSteps = () => tab.page.evaluate(() => globalThis.stepped.length);
    const shown = await stepThrough();
    expect(shown).toHaveLength(20);

    const hiddenMeanwhile = stepThrough();
    await expect.poll(countSteps).toBeGreaterThan(5);
    await tab.hide();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // What was under way has an end, and no more comes.
    const before = await countSteps();
    expect(before).toBeLessThan(shown.length);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await countSteps()).toBe(before);
    await tab.show();
    expect(await hiddenMeanwhile).toEqual(shown);
  } finally {
    await tab.close();
    await hosts.close();
  }
});
