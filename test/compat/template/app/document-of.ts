import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { withCallbacks } from 'nestjs-callbacks';
import type { WithCallbacksOptions } from 'nestjs-callbacks';
import { documentOptions } from './document-options.js';
import { finish } from './finish-document.js';
import { loadPluginMetadata } from './load-plugin-metadata.js';

/** What the app documents of `POST /invoices`. */
export async function documentOf(app: INestApplication, options: WithCallbacksOptions = {}) {
  await loadPluginMetadata();
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build(), documentOptions);
  const { paths, components } = finish(withCallbacks(app, document, { ...documentOptions, ...options }));
  return { callbacks: paths['/invoices']?.post?.callbacks, models: components?.schemas };
}
