import { ensureBrowser } from './find-browser.ts';

console.log(`Tests run in ${ensureBrowser()}`);
