import tseslint from 'typescript-eslint';

/** What `nest new` sets up, without its exceptions. */
export default tseslint.config(tseslint.configs.recommendedTypeChecked, {
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: process.cwd() } },
});
