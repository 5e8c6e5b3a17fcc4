/** Pages come when they are first visited. */
import { useState } from 'react'
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router-dom'
import { RouteProblem } from './route_problem'
import { Shell } from './shell'

function createRouter() {
  return createBrowserRouter(
    [
      {
        path: '/',
        element: <Shell />,
        errorElement: <RouteProblem />,
        children: [
          { index: true, element: <Navigate to="/board" replace /> },
          { path: 'board', lazy: () => import('@/pages/board/board_page') },
          { path: 'library', lazy: () => import('@/pages/library/library_page') },
          { path: 'library/new', lazy: () => import('@/pages/library/new_item_page') },
          { path: 'library/:itemId', lazy: () => import('@/pages/library/item_page') },
          { path: 'schedule', lazy: () => import('@/pages/schedule/schedule_page') },
          { path: 'orders', lazy: () => import('@/pages/orders/orders_page') },
          { path: 'stations', lazy: () => import('@/pages/stations/stations_page') },
          { path: 'hours', lazy: () => import('@/pages/hours/hours_page') },
          { path: 'organisation', lazy: () => import('@/pages/organisation/organisation_page') },
          { path: 'obligations', lazy: () => import('@/pages/obligations/obligations_page') },
          { path: 'users', lazy: () => import('@/pages/users/users_page') },
          { path: 'audit', lazy: () => import('@/pages/audit/audit_page') },
          { path: '*', lazy: () => import('@/pages/not_found_page') },
        ],
      },
    ],
    {
      future: {
        v7_relativeSplatPath: true,
        v7_fetcherPersist: true,
        v7_normalizeFormMethod: true,
        v7_partialHydration: true,
        v7_skipActionErrorRevalidation: true,
      },
    },
  )
}

export default function Places() {
  const [router] = useState(createRouter)
  return <RouterProvider router={router} future={{ v7_startTransition: true }} />
}
