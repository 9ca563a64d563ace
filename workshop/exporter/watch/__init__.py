"""What Prometheus is told beside Coder's queue: the window and the plan, preflight's checks, figures behind them."""
