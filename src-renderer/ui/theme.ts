import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/* Ten shades around the accent of tokens.css: 7 is light's, 6 is dark's. Only library parts that we did not dress use them. */
const cobalt: MantineColorsTuple = [
  '#edf2ff',
  '#d5e0ff',
  '#b9cdff',
  '#9fb5fc',
  '#7d98f2',
  '#5c7ce8',
  '#4263dd',
  '#2649c0',
  '#1c3baa',
  '#142c85',
];

export const mantineTheme = createTheme({
  fontFamily: 'var(--font-sans)',
  fontFamilyMonospace: 'var(--font-mono)',
  colors: { cobalt },
  primaryColor: 'cobalt',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 6,
  cursorType: 'default',
  focusRing: 'auto',
  respectReducedMotion: true,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '22px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { sm: '4px', md: '6px', lg: '10px' },
  shadows: { sm: 'var(--shadow-1)', md: 'var(--shadow-2)', xl: 'var(--shadow-3)' },
});

/* The tokens already know light from dark, so both schemes point at the same names. */
export const mantineVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-color-body': 'var(--paper)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-3)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-border': 'var(--line-2)',
    '--mantine-color-placeholder': 'var(--text-3)',
    '--mantine-color-error': 'var(--bad-text)',
    '--mantine-color-anchor': 'var(--accent-text)',
  },
  light: {},
  dark: {},
});
