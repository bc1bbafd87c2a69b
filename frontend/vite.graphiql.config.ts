import { defineConfig } from 'vite';

/**
 * GraphiQL, apart from the SPA because it weighs a hundred times more (Monaco) and lives under its own Content-Security-Policy.
 * Served at /graphiql (dist/graphiql/index.html), its files under /graphiql/assets/.
 */
export default defineConfig({
  root: 'graphiql',
  base: '/graphiql/',
  publicDir: false,
  build: {
    outDir: '../dist/graphiql',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      onLog(level, log, handle) {
        // « use client » at the top of React libraries means nothing here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});
