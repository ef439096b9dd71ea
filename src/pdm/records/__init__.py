"""What people wrote down: work orders, notifications, plans and equipment lists of the maintenance system, and what follows from them."""
