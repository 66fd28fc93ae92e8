import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { exampleComment } from './picture/comment.js';
import { commentPage } from './picture/html.js';

// Makes the README's picture of a comment, and the Markdown that it shows: `npm run picture`. Needs Chromium with a font
// for emoji; on Debian, the packages chromium, fonts-liberation and fonts-noto-color-emoji.

const ROOT = join(import.meta.dirname, '..');
const IMAGES = join(ROOT, 'docs/images');

const executablePath = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined) {
  throw new Error('Chromium is missing: install the package chromium, or name it in the variable CHROMIUM');
}

const action = ['--import', import.meta.resolve('tsx'), join(ROOT, 'src/action.ts')];
const comment = await exampleComment(join(ROOT, 'dist/cli.js'), action);
mkdirSync(IMAGES, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({
      viewport: { width: 830, height: 100 },
      deviceScaleFactor: 2,
      colorScheme,
    });
    await page.setContent(commentPage(comment));
    await page.screenshot({
      path: join(IMAGES, `comment-${colorScheme}.png`),
      fullPage: true,
      // The corners are round.
      omitBackground: true,
    });
  }
} finally {
  await browser.close();
}
// Last, so that the text never matches the current output while the pictures are of an earlier one.
writeFileSync(join(IMAGES, 'comment.md'), comment);
