import { defineConfig } from 'vite';

/** The SPA: dist/index.html for every address of the product, dist/assets/* with hashed, immutable names. */
export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/graphql': { target: 'http://localhost:8000', ws: true },
      '/documents': 'http://localhost:8000',
      '/exports': 'http://localhost:8000',
      '/agenda': 'http://localhost:8000',
      '/messagerie': 'http://localhost:8000',
    },
  },
});
