// Speaks the demo's texts (espeak-ng, voices of the North and the South) and stores each in the format that its head names.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './processes.mjs';

const encoders = {
  wav: ['-c:a', 'pcm_s16le'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '96k'],
  m4a: ['-c:a', 'aac', '-b:a', '96k'],
  opus: ['-c:a', 'libopus', '-b:a', '48k'],
};

// The head's lines "name: value", an empty line, the text.
function parse(file, content) {
  const [head, ...rest] = content.split('\n\n');
  const fields = Object.fromEntries(head.split('\n').map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }));
  if (!fields.title || !fields.voice || !encoders[fields.format]) throw new Error(`${file}: title, voice and format are needed`);
  return {
    title: fields.title,
    topics: fields.topics.split(',').map((topic) => topic.trim()),
    voice: fields.voice,
    format: fields.format,
    script: rest.join('\n\n').trim(),
  };
}

export async function speakAll(texts, folder) {
  await mkdir(folder, { recursive: true });
  const spoken = [];
  for (const file of (await readdir(texts)).filter((name) => name.endsWith('.txt')).sort()) {
    const item = parse(file, await readFile(path.join(texts, file), 'utf8'));
    const stem = path.join(folder, path.basename(file, '.txt'));
    await run('espeak-ng', ['-v', item.voice, '-s', '150', '-w', `${stem}.raw.wav`, item.script]);
    item.file = `${stem}.${item.format}`;
    await run('ffmpeg', ['-v', 'error', '-y', '-i', `${stem}.raw.wav`, ...encoders[item.format], item.file]);
    spoken.push(item);
  }
  return spoken;
}
