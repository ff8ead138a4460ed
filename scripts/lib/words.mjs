/**
 * What is said before anything is installed, when the catalogue in `words/` cannot be loaded yet. Two languages, one line a key;
 * `scripts/lib/words.test.ts` compares them.
 */
export const table = {
  en: {
    installing: 'Installing the packages (once, about half a minute)…',
    installFailed: 'The packages could not be installed (npm ended with {code}). Check the network connection, then run this again.',
    installNeedsNpm: 'The packages are not installed yet. Run: npm start',
    noNode:
      'There is no pinned Node for {platform}-{arch} here, and this one ({version}) is older than 24. Install Node 24, then run this again.',
    building: 'Building: {parts}…',
    buildFailed: 'Building {part} failed. The lines above say why.',
    entryMissing: 'The program has no {path} yet, so there is nothing to start.',
    fetchingElectron: 'Fetching the desktop window (Electron {version}, once, at most {seconds} s)…',
    desktop: 'Opening the desktop window: Electron {version} is here.',
    webAsked: 'Opening the web console in a browser, as asked.',
    webNoBinary:
      'Opening the web console in a browser: the desktop window (Electron {version}) could not be fetched here. Try again with: npm start -- --shell=electron',
    webNoDisplay: 'Opening the web console in a browser: this computer has no display for the desktop window.',
    webRoot: 'Opening the web console in a browser: the desktop window does not run safely as root.',
    webNoBuild: 'Opening the web console in a browser: this version has no desktop window yet.',
    shellUnknown: 'There is no shell "{shell}". Take --shell=electron or --shell=http.',
    aptUpdating: 'Installing from the system: {packages}…',
    aptFailed: 'The system could not install: {packages}.',
    packagesMissing: 'These are missing here: {packages}. Install them (Debian: apt-get install {packages}), then run this again.',
    browserMissing: 'No Chromium was found. Install one and name it in CHROMIUM_PATH, then run this again.',
    distNoMac:
      'A package for macOS is not made: agents do not run on macOS, nobody has tried the program there, and without a certificate of Apple it would be ended at its start. Take --linux or --win.',
    distNoRuntime:
      'No Node for {name} stands in package-lock.json, so an installer for that system cannot be made: its agents would have nothing to run on.',
    distRuntimeAway:
      'The Node for {name} is not here and could not be fetched ({reason}). Connect this computer to the network once, then run this again.',
    distRuntimeChanged: 'What came as the Node for {name} is not what package-lock.json means. It was thrown away.',
    distNoPayloads:
      'The application packages could not be built for the installer. The lines above say why; without a network, npm needs them in its cache.',
    distFailed:
      'The installer was not made. The lines above say why. Without a network only unpacked folders can be made (npm run dist -- --dir), and only where an Electron of that system is here (ELECTRON_OVERRIDE_DIST_PATH); the tools behind AppImage, deb and NSIS are fetched once.',
    distMade: 'Made: {path} ({megabytes} MB).',
    ringMissing: 'NOT RUN: {ring}. There is nothing at {path}. This counts as a failure.',
  },
  ru: {
    installing: 'Устанавливаем пакеты (один раз, около полуминуты)…',
    installFailed: 'Пакеты не установились (npm завершился с кодом {code}). Проверьте соединение с сетью и запустите ещё раз.',
    installNeedsNpm: 'Пакеты ещё не установлены. Запустите: npm start',
    noNode: 'Для {platform}-{arch} здесь нет закреплённого Node, а этот ({version}) старше 24-го. Установите Node 24 и запустите ещё раз.',
    building: 'Собираем: {parts}…',
    buildFailed: 'Не удалось собрать {part}. Почему – сказано в строках выше.',
    entryMissing: 'В программе ещё нет {path}, запускать нечего.',
    fetchingElectron: 'Загружаем окно программы (Electron {version}, один раз, не дольше {seconds} с)…',
    desktop: 'Открываем окно программы: Electron {version} на месте.',
    webAsked: 'Открываем веб-консоль в браузере, как вы просили.',
    webNoBinary:
      'Открываем веб-консоль в браузере: окно программы (Electron {version}) загрузить не удалось. Попробовать снова: npm start -- --shell=electron',
    webNoDisplay: 'Открываем веб-консоль в браузере: у этого компьютера нет экрана для окна программы.',
    webRoot: 'Открываем веб-консоль в браузере: от имени root окно программы работает небезопасно.',
    webNoBuild: 'Открываем веб-консоль в браузере: окна программы в этой версии ещё нет.',
    shellUnknown: 'Оболочки «{shell}» нет. Возьмите --shell=electron или --shell=http.',
    aptUpdating: 'Устанавливаем из системы: {packages}…',
    aptFailed: 'Система не смогла установить: {packages}.',
    packagesMissing: 'Здесь не хватает: {packages}. Установите (в Debian: apt-get install {packages}) и запустите ещё раз.',
    browserMissing: 'Chromium не найден. Установите его, укажите путь в CHROMIUM_PATH и запустите ещё раз.',
    distNoMac:
      'Пакет для macOS не собирается: агенты на macOS не работают, программу там никто не пробовал, а без сертификата Apple её остановят при запуске. Укажите --linux или --win.',
    distNoRuntime:
      'В package-lock.json нет Node для {name}, поэтому установщик для этой системы собрать нельзя: агентам было бы не на чем работать.',
    distRuntimeAway:
      'Node для {name} здесь нет, и загрузить его не удалось ({reason}). Подключите компьютер к сети один раз и запустите ещё раз.',
    distRuntimeChanged: 'Вместо Node для {name} пришло не то, что записано в package-lock.json. Оно удалено.',
    distNoPayloads:
      'Не удалось собрать пакеты приложений для установщика. Почему – сказано в строках выше; без сети они должны лежать в кэше npm.',
    distFailed:
      'Установщик не собран. Почему – сказано в строках выше. Без сети собираются только распакованные папки (npm run dist -- --dir), и только если здесь есть Electron для той системы (ELECTRON_OVERRIDE_DIST_PATH); инструменты для AppImage, deb и NSIS загружаются один раз.',
    distMade: 'Готово: {path} ({megabytes} МБ).',
    ringMissing: 'НЕ ВЫПОЛНЕНО: {ring}. По пути {path} ничего нет. Это считается неудачей.',
  },
};

/** @typedef {keyof typeof table.en} WordKey */

const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || Intl.DateTimeFormat().resolvedOptions().locale;
const language = locale.toLowerCase().startsWith('ru') ? 'ru' : 'en';

/**
 * @param {WordKey} key
 * @param {Record<string, string | number>} [parameters]
 */
export function say(key, parameters = {}) {
  return table[language][key].replace(/\{(\w+)\}/gu, (_, name) => String(parameters[name]));
}
