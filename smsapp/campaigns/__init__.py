"""From an audience and a draft to a confirmed send: draft, plan, launch, popup and pages."""
