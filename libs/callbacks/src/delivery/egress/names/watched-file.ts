import { readFileSync, statSync } from 'node:fs';

/**
 * The parsed contents of a small system file, read again after changes. It is read synchronously, since the
 * asynchronous functions of `fs` share their threads with `getaddrinfo`, which a silent name server can block.
 */
export class WatchedFile<Content> {
  #version = '';
  #content: Content;

  constructor(
    private readonly path: string,
    private readonly parse: (text: string) => Content,
  ) {
    this.#content = parse('');
  }

  /** @throws the error of the system if the file exists but cannot be read. */
  read(): Content {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    const version = stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
    if (version !== this.#version) {
      this.#content = this.parse(stats === undefined ? '' : readFileSync(this.path, 'utf8'));
      this.#version = version;
    }
    return this.#content;
  }
}
