// The baseline for `flagops validate`: only reads the files and parses each with the YAML library.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const [folder] = process.argv.slice(2);
for (const file of readdirSync(folder, { recursive: true })) {
  if (file.endsWith('.yaml')) parseDocument(readFileSync(join(folder, file), 'utf8'), { uniqueKeys: false });
}
