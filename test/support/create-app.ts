import { Module } from '@nestjs/common';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import { withCallbacks } from 'nestjs-callbacks';
import type { WithCallbacksOptions } from 'nestjs-callbacks';

/** The platforms, whose behaviour must be the same. */
export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

const OPEN_APPS: INestApplication[] = [];

/** Creates a real Nest app of one module, as `main.ts` would. Only its errors are logged. */
export async function createApp(metadata: ModuleMetadata, platform: Platform = 'express'): Promise<INestApplication> {
  @Module(metadata)
  class TestModule {}
  const options = { logger: false as const, abortOnError: false };
  const app =
    platform === 'express'
      ? await NestFactory.create(TestModule, new ExpressAdapter(), options)
      : await NestFactory.create(TestModule, await fastifyAdapter(), options);
  OPEN_APPS.push(app);
  return app;
}

/** Fastify, loaded by those tests only that run on it. */
async function fastifyAdapter() {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

/** Closes the apps of `createApp()`. */
export async function closeApps(): Promise<void> {
  await Promise.all(OPEN_APPS.splice(0).map((app) => app.close()));
}

export interface DocumentOptions {
  openapi?: string;
  configure?: (builder: DocumentBuilder) => DocumentBuilder;
  create?: SwaggerDocumentOptions;
  callbacks?: WithCallbacksOptions;
}

/** Returns the document of an app without its callbacks. */
export function createDocument(app: INestApplication, { openapi = '3.0.0', configure, create }: DocumentOptions = {}) {
  const builder = new DocumentBuilder()
    .setTitle('Invoices')
    .setDescription('An API')
    .setVersion('1.0')
    .setOpenAPIVersion(openapi);
  return SwaggerModule.createDocument(app, (configure?.(builder) ?? builder).build(), create);
}

/** Returns the document of an app with its callbacks. */
export function documentOf(app: INestApplication, options: DocumentOptions = {}): OpenAPIObject {
  return withCallbacks(app, createDocument(app, options), { ...options.create, ...options.callbacks });
}
