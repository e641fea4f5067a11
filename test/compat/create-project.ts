import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationOf } from './project-configuration.js';
import type { Project } from './projects.js';

const TEMPLATE = join(import.meta.dirname, 'template');

/** Writes the sources and the configuration of a project into a folder. */
export async function createProject(project: Project, folder: string): Promise<void> {
  await mkdir(join(folder, 'src'), { recursive: true });
  const loader = project.models === 'plugin' && project.builder === 'swc' ? ['plugin-swc'] : [];
  const validation = project.validation === 'class-validator' ? [] : [project.validation];
  for (const part of ['app', project.adapter, project.models, ...loader, ...validation]) {
    for (const file of await readdir(join(TEMPLATE, part))) {
      const source = await readFile(join(TEMPLATE, part, file), 'utf8');
      await writeFile(join(folder, 'src', file), project.module === 'esm' ? source : withoutExtensions(source));
    }
  }
  for (const [name, text] of Object.entries(configurationOf(project))) await writeFile(join(folder, name), text);
}

/** Imports as in a CommonJS project, where jest needs no mapper. */
function withoutExtensions(source: string): string {
  return source.replaceAll(/(from '\.[^']*)\.js'/g, "$1'");
}
