import { theme as antTheme, type ThemeConfig } from 'antd'

/** Vietnamese needs fonts with stacked marks (ế, ộ, ữ): these are on people's machines already, nothing is fetched. */
const fontFamily =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"

export function themeOf(dark: boolean): ThemeConfig {
  return {
    cssVar: true,
    hashed: false,
    algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      fontFamily,
      fontSize: 16,
      borderRadius: 10,
      controlHeight: 42,
      colorPrimary: dark ? '#5aa9dc' : '#17608f',
      colorSuccess: dark ? '#58c48c' : '#1d7a4c',
      colorWarning: dark ? '#e5b04b' : '#a86500',
      colorError: dark ? '#f07b70' : '#b3261e',
      colorTextBase: dark ? '#e8edf2' : '#17222d',
      colorBgBase: dark ? '#101820' : '#ffffff',
      colorBgLayout: dark ? '#0b1219' : '#f3f5f4',
      colorTextDescription: dark ? '#9badbb' : '#5a6874',
      colorTextPlaceholder: dark ? '#7c8f9d' : '#7f8b95',
      colorBgContainer: dark ? '#121b24' : '#ffffff',
      colorBgElevated: dark ? '#18242f' : '#ffffff',
      colorBorder: dark ? '#364854' : '#cfd7dc',
      colorBorderSecondary: dark ? '#25333f' : '#e4e9ec',
      colorErrorBg: dark ? '#3a1917' : '#fce6e3',
      colorErrorBorder: dark ? '#6d302c' : '#f0b4ad',
      colorWarningBg: dark ? '#33270f' : '#fdf0d5',
      colorWarningBorder: dark ? '#5f4a1e' : '#efcf8f',
      wireframe: false,
    },
    components: {
      Button: { primaryColor: dark ? '#0b1219' : '#ffffff' },
      Table: { headerBg: 'transparent', cellPaddingBlock: 14 },
      Drawer: { paddingLG: 20 },
      Tag: { fontSizeSM: 14 },
    },
  }
}
