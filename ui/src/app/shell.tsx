/** The frame around every page: navigation at the side on a desk, at the bottom on a phone. */
import {
  ApartmentOutlined,
  AuditOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  ClockCircleOutlined,
  CustomerServiceOutlined,
  EllipsisOutlined,
  NotificationOutlined,
  ProfileOutlined,
  SoundOutlined,
  TeamOutlined,
} from '@ant-design/icons'
import { Drawer } from 'antd'
import { Suspense, useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router-dom'
import type { User } from '@/api/types'
import { Logo } from '@/components/logo'
import { Loading } from '@/components/page'
import { useNarrow } from '@/lib/hooks'
import { mayAnywhere } from '@/lib/roles'
import { anyUploadSending } from '@/lib/upload_store'
import '@/styles/shell.css'
import { PersonMenu } from './person_menu'
import { useUser } from './session'

const places = [
  { path: '/board', key: 'board', icon: <CheckSquareOutlined /> },
  { path: '/library', key: 'library', icon: <CustomerServiceOutlined /> },
  { path: '/schedule', key: 'schedule', icon: <CalendarOutlined /> },
  { path: '/orders', key: 'orders', icon: <NotificationOutlined /> },
  { path: '/stations', key: 'stations', icon: <SoundOutlined /> },
  { path: '/hours', key: 'hours', icon: <ClockCircleOutlined /> },
  { path: '/obligations', key: 'obligations', icon: <ProfileOutlined /> },
  { path: '/organisation', key: 'organisation', icon: <ApartmentOutlined />, ability: 'administer' },
  { path: '/users', key: 'users', icon: <TeamOutlined />, ability: 'administer' },
  { path: '/audit', key: 'audit', icon: <AuditOutlined />, ability: 'audit' },
] as const

type Place = (typeof places)[number]

function placesOf(user: User): Place[] {
  return places.filter((place) => !('ability' in place) || mayAnywhere(user, place.ability))
}

function PlaceLink({ place }: { readonly place: Place }) {
  const { t } = useTranslation()
  return (
    <NavLink to={place.path} className="nav-link">
      <span className="nav-icon" aria-hidden="true">
        {place.icon}
      </span>
      <span className="nav-label">{t(`nav.${place.key}`)}</span>
    </NavLink>
  )
}

export function Shell() {
  const { t } = useTranslation()
  const narrow = useNarrow()

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (anyUploadSending()) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [])

  return (
    <div className={narrow ? 'shell shell-narrow' : 'shell'}>
      <a className="skip-link" href="#content">
        {t('nav.skip')}
      </a>
      {narrow ? <NarrowBars /> : <SideBar />}
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <ScrollRestoration />
    </div>
  )
}

function Brand() {
  const { t } = useTranslation()
  return (
    <NavLink to="/board" className="brand">
      <Logo />
      <span>
        <strong>{t('brand.name')}</strong>
        <small>{t('brand.tag')}</small>
      </span>
    </NavLink>
  )
}

function SideBar() {
  const { t } = useTranslation()
  const user = useUser()
  return (
    <aside className="side">
      <Brand />
      <nav aria-label={t('nav.main')} className="side-nav">
        {placesOf(user).map((place) => (
          <PlaceLink key={place.key} place={place} />
        ))}
      </nav>
      <PersonMenu>
        <span className="person-initials" aria-hidden="true">
          {initialsOf(user)}
        </span>
        <span className="person-name">
          <strong>{user.full_name}</strong>
          <RoleWords user={user} />
        </span>
      </PersonMenu>
    </aside>
  )
}

function NarrowBars() {
  const { t } = useTranslation()
  const user = useUser()
  const location = useLocation()
  const [open, setOpen] = useState(false)
  useEffect(() => setOpen(false), [location.pathname])
  const all = placesOf(user)
  const more: ReactNode = all.length > 4 && (
    <button type="button" className="nav-link" aria-expanded={open} onClick={() => setOpen(true)}>
      <span className="nav-icon" aria-hidden="true">
        <EllipsisOutlined />
      </span>
      <span className="nav-label">{t('nav.more')}</span>
    </button>
  )
  return (
    <>
      <header className="top">
        <Brand />
        <PersonMenu>
          <span className="person-initials">
            <span aria-hidden="true">{initialsOf(user)}</span>
            <span className="visually-hidden">{t('person.menu', { name: user.full_name })}</span>
          </span>
        </PersonMenu>
      </header>
      <nav aria-label={t('nav.main')} className="bottom">
        {all.slice(0, 4).map((place) => (
          <PlaceLink key={place.key} place={place} />
        ))}
        {more}
      </nav>
      <Drawer
        placement="bottom"
        height="auto"
        title={t('nav.more')}
        open={open}
        onClose={() => setOpen(false)}
      >
        <nav aria-label={t('nav.more')} className="drawer-nav">
          {all.slice(4).map((place) => (
            <PlaceLink key={place.key} place={place} />
          ))}
        </nav>
      </Drawer>
    </>
  )
}

/** Vietnamese names put the given name last: Nguyễn Thị Hoa -> "NH". */
function initialsOf(user: User): string {
  const words = user.full_name.normalize('NFC').trim().split(/\s+/)
  const last = words.length > 1 ? words.at(-1) : undefined
  return `${words[0]?.charAt(0) ?? ''}${last?.charAt(0) ?? ''}`.toLocaleUpperCase('vi')
}

function RoleWords({ user }: { readonly user: User }) {
  const { t } = useTranslation()
  const roles = [...new Set(user.roles.map((grant) => grant.role))]
  return <small>{roles.map((role) => t(`role.${role}`)).join(', ')}</small>
}
