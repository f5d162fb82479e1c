execution.setVariable("seen", execution.getCurrentActivityId())
