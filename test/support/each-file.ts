import { registerEndOfFile } from './end-of-file.js';

registerEndOfFile();
